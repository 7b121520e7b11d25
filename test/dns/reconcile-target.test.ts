import { describe, expect, it } from 'vitest';
import { parseGroupReference, reconcileTarget } from '../../src/dns/reconcile-target.ts';
import { goodSetting } from '../../src/settings/setting.ts';
import { aKey, groupId, subscriptionId, zoneMapOf } from './fixtures.ts';

const web = groupId('web');

describe('a container group that somebody names', () => {
  it.each<[string, string | undefined, object]>([
    [` ${web.key} `, undefined, { kind: 'group', group: { key: web.key } }],
    [' rg-spoke-a/web ', subscriptionId, { kind: 'group', group: { key: web.key } }],
    ['web', subscriptionId, { kind: 'malformed' }],
    ['a/b/c', subscriptionId, { kind: 'malformed' }],
    ['', subscriptionId, { kind: 'malformed' }],
    ['rg/web', undefined, { kind: 'badSubscription', resourceGroup: 'rg', isMissing: true }],
    ['rg/web', 's/x', { kind: 'badSubscription', resourceGroup: 'rg', isMissing: false }],
  ])('as "%s" in the subscription %s: %j', (text, subscription, named) => {
    expect(parseGroupReference(text, subscription)).toMatchObject(named);
  });
});

describe('what is reconciled', () => {
  const zone = aKey(web).zone.name;
  const targetOf = (group: typeof web, entry: object) =>
    reconcileTarget(group, zoneMapOf({ 'rg-spoke-a': { forwardZone: zone, ...entry } }), {
      foreignRecords: goodSetting('refuse'),
      dnsPolicy: goodSetting('upsert-only'),
    });

  it.each([
    [{}, 'upsert-only'],
    [{ policy: 'observe' }, 'observe'],
  ])('goes by the policy of the spoke %j, or by the setting: %s', (entry, policy) => {
    expect(targetOf(web, entry)).toMatchObject({
      kind: 'target',
      target: { group: web, policy, foreignRecords: 'refuse', hints: [], recordSets: [] },
    });
  });

  /** A zone with labels of so many characters. */
  const zoneOf = (...lengths: number[]) => lengths.map((length) => 'z'.repeat(length)).join('.');

  it.each([
    ['unmapped', groupId('web', 'rg-x'), {}],
    ['noDnsLabel', groupId('a_b'), {}],
    ['target', groupId('a'.repeat(63)), { forwardZone: zoneOf(62, 62, 63) }],
    ['noDnsLabel', groupId('a'.repeat(63)), { forwardZone: zoneOf(63, 62, 63) }],
    ['target', groupId('a_b'), { hostNameTag: 'host' }],
    ['target', groupId('WEB'), {}],
  ])('%s: %j of the spoke %j', (kind, group, entry) => {
    expect(targetOf(group, entry).kind).toBe(kind);
  });
});
