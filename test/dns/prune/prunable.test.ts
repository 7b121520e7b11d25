import { describe, expect, it } from 'vitest';
import { buildInventory, type InventoryGroup } from '../../../src/dns/audit/inventory.ts';
import type { LiveGroup } from '../../../src/dns/container-group.ts';
import { type OwnerState, ownerStateOf, pruneReasonOf } from '../../../src/dns/prune/prunable.ts';
import { aKey, groupId, hostOf, ownA, ownerMark, ownPtr, ptrKey, recordSet, zones } from '../fixtures.ts';

const web = groupId('web');
const stranger = groupId('web', 'rg-other');
const here = '10.1.0.4';

const inventoryOf = (...groups: readonly InventoryGroup[]) => buildInventory(groups, zones, () => true);
const live = { id: web, address: here, hostName: 'web', isNameFromTag: false };
const strangersA = recordSet(aKey(web), [here], { metadata: ownerMark(stranger) });

describe('a record set', () => {
  const nobody = inventoryOf();
  it.each<[string, Parameters<typeof pruneReasonOf>[0]['set'], OwnerState, boolean, string | undefined]>([
    ['without a mark', recordSet(aKey(web), [here]), 'gone', true, undefined],
    [
      'of the platform',
      recordSet(aKey(web), [here], { metadata: ownerMark(stranger), isAutoRegistered: true }),
      'gone',
      true,
      undefined,
    ],
    [
      'whose mark is no group',
      recordSet(aKey(web), [here], { metadata: { evenkeelOwner: '/subscriptions/s' } }),
      'gone',
      true,
      undefined,
    ],
    ['of an unmapped group that lives', strangersA, 'lives', true, 'unmapped'],
    ['of an unmapped group that is gone', strangersA, 'gone', false, 'unmapped'],
    ['of an unmapped group of unknown state', strangersA, 'unknown', true, 'unmapped'],
    ['of a mapped group that is gone', ownA(web, here), 'gone', true, 'gone'],
    ['of one that is gone, in a zone outside the map', ownPtr(web, here), 'gone', false, 'gone'],
    ['of one that lives, in a zone outside the map', ownA(web, here), 'lives', false, 'misplaced'],
    ['of one that lives, in a mapped zone', ownA(web, here), 'lives', true, undefined],
    ['of one of unknown state, in a mapped zone', ownA(web, here), 'unknown', true, undefined],
    ['of one of unknown state, in a zone outside the map', ownA(web, here), 'unknown', false, undefined],
  ])('%s', (_, set, state, isZoneMapped, reason) => {
    expect(pruneReasonOf({ set, state, isZoneMapped, inventory: nobody })).toBe(reason);
  });

  it.each([
    ['A', strangersA],
    ['PTR', recordSet(ptrKey(here), [`${hostOf(web)}.`], { metadata: ownerMark(stranger) })],
  ])('that a live group wants is left to the app, whatever its mark: %s', (_, set) => {
    const facts = { set, state: 'gone', isZoneMapped: true } as const;
    expect(pruneReasonOf({ ...facts, inventory: inventoryOf(live) })).toBeUndefined();
    expect(pruneReasonOf({ ...facts, inventory: nobody })).toBe('unmapped');
  });
});

describe('an owner', () => {
  it.each<[LiveGroup, OwnerState]>([
    [{ kind: 'unaddressed', reason: 'gone' }, 'gone'],
    [{ kind: 'unaddressed', reason: 'stopped' }, 'lives'],
    [{ kind: 'addressed', address: here, isRunning: true }, 'lives'],
    [{ kind: 'notReady', detail: 'it is being created' }, 'unknown'],
    [{ kind: 'unknown', detail: '404 SubscriptionNotFound' }, 'unknown'],
  ])('%j: %s', (answer, state) => {
    expect(ownerStateOf(answer)).toBe(state);
  });
});
