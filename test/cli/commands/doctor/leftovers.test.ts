import { describe, expect, it } from 'vitest';
import { leftoversCheck } from '../../../../src/cli/commands/doctor/checks/leftovers.ts';
import type { Made, Unread } from '../../../../src/cli/commands/doctor/made.ts';
import { parseZoneMap } from '../../../../src/dns/zone-map.ts';
import { settingValue } from '../../../../src/settings/setting.ts';

const group = (name: string) => `/subscriptions/s1/resourceGroups/${name}`;
const zone = (name: string) => `${group('rg-hub')}/providers/Microsoft.Network/privateDnsZones/${name}`;
const registry = (name: string) =>
  `${group('rg-r')}/providers/Microsoft.ContainerRegistry/registries/${name}`;

const zoneMap = settingValue(
  parseZoneMap(JSON.stringify({ 's1/rg-a': { forwardZone: 'a.test' }, 'rg-wrong': { forwardZone: 7 } })),
);
const needs = {
  zoneMap,
  registryIds: [registry('kept')],
  spokes: [
    {
      forwardZone: { subscriptionId: 's1', resourceGroup: 'rg-hub', name: 'a.test' },
      reverseZones: [],
    },
  ],
  areSpokesWhole: true,
};
const assigned = (about: string): Made => ({
  ...{ kind: 'roleAssignment', id: `${about}/assignment`, name: 'evenkeel prod: x', about },
});
const evaluate = (
  made: readonly Made[],
  { areSpokesWhole = true, unread = [] }: { areSpokesWhole?: boolean; unread?: readonly Unread[] } = {},
) =>
  leftoversCheck
    .evaluate({ made, unread, needs: { ...needs, areSpokesWhole } })
    .map(({ severity, what }) => `${severity}: ${what}`);

describe('what is left of former entries', () => {
  it.each([
    ['a mapped resource group, in any casing', group('rg-a').toUpperCase()],
    ['a resource group whose entry is wrong', group('rg-wrong')],
    ['a zone of a spoke', zone('A.test')],
    ['a registry', registry('Kept')],
    ['a whole subscription, which no template makes', '/subscriptions/s1'],
    ['a resource of the app itself', `${group('rg-app')}/providers/Microsoft.Storage/storageAccounts/x`],
  ])('is not what is for %s', (_, about) => {
    expect(evaluate([assigned(about)])).toEqual([]);
  });

  it.each([
    ['a resource group that no entry names', group('rg-b')],
    ['one of the same name in another subscription', '/subscriptions/s2/resourceGroups/rg-a'],
    ['a zone of no spoke', zone('b.test')],
    ['a registry of no entry', registry('former')],
  ])('is what is for %s', (_, about) => {
    expect(evaluate([assigned(about)])).toEqual([
      `warning: the assignment of the role evenkeel prod: x on ${about} is left: no entry needs it`,
    ]);
  });

  it('is not known for zones while a spoke cannot be read', () => {
    expect(evaluate([assigned(zone('b.test'))], { areSpokesWhole: false })).toEqual([
      expect.stringMatching(/^note: whether an entry needs the assignment .*b\.test is not known$/),
    ]);
  });

  it('says what could not be read, as a note where no setting names the subscription', () => {
    const unread = [true, false].map((isNamed) => ({ what: 'the webhooks of s', reason: 'denied', isNamed }));
    expect(evaluate([], { unread })).toEqual(
      ['warning', 'note'].map(
        (severity) => `${severity}: whether anything is left among the webhooks of s is not known: denied`,
      ),
    );
  });

  it('names the command that removes each', () => {
    const kinds = ['eventSubscription', 'webhook', 'roleAssignment'] as const;
    const made = kinds.map((kind) => ({ kind, id: '/ID', name: 'evenkeel', about: group('rg-b') }));
    expect(leftoversCheck.evaluate({ made, unread: [], needs }).map(({ fix }) => fix)).toEqual([
      'az resource delete --ids /ID',
      'az resource delete --ids /ID',
      'az role assignment delete --ids /ID',
    ]);
  });
});
