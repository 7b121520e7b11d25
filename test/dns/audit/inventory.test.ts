import { describe, expect, it } from 'vitest';
import { type InventoryGroup, sharedAddresses, spokeCounts } from '../../../src/dns/audit/inventory.ts';
import type { Finding } from '../../../src/dns/audit/report.ts';
import { auditedZones } from '../../../src/dns/audit/zones.ts';
import { groupId, subscriptionId, zoneMapOf, zones } from '../fixtures.ts';

const other = '99999999-0000-0000-0000-000000000001';
const counted = (
  name: string,
  address: string | null | undefined,
  resourceGroup?: string,
): InventoryGroup => ({
  ...{ id: groupId(name, resourceGroup), hostName: name, isNameFromTag: false, address },
});
const withBadEntry = zoneMapOf({
  'rg-spoke-a': { forwardZone: 'spoke-a.internal.contoso.com', reverseZones: ['10.in-addr.arpa'] },
  [`${subscriptionId}/rg-spoke-b`]: {},
});

describe('an address that groups share', () => {
  it('is named with them, in order', () => {
    const groups = [counted('web', '10.1.0.4'), counted('api', '10.1.0.4'), counted('alone', '10.1.0.5')];
    expect(sharedAddresses(groups)).toEqual([
      { address: '10.1.0.4', containerGroups: [groupId('api').key, groupId('web').key] },
    ]);
  });

  it.each([null, undefined])('is none where they have %s', (address) => {
    expect(sharedAddresses([counted('web', address), counted('api', address)])).toEqual([]);
  });
});

describe('what an audit counts', () => {
  const finding = (name: string, resourceGroup?: string): Finding => ({
    ...{ finding: 'orphan', group: groupId(name, resourceGroup), recordSet: name, address: undefined },
    ...{ liveAddress: null, recordAddress: null, isRefused: false },
  });

  it('is counted for the spoke that has it, and nowhere where none has', () => {
    const groups = [
      counted('web', '10.1.0.4'),
      counted('b', null, 'rg-spoke-b'),
      counted('x', null, 'rg-none'),
    ];
    const owned = [
      [groupId('web').key, 3],
      [groupId('api').key, 2],
      ['no ARM id', 7],
    ] as const;
    const counts = spokeCounts(zones, groups, owned, [finding('web'), finding('x', 'rg-none')]);
    expect(counts).toMatchObject([
      { groups: 1, recordSets: 5, findings: 1 },
      { groups: 1, recordSets: 0, findings: 0 },
    ]);
  });

  it('is counted nowhere under a bad entry', () => {
    const groups = [counted('b', '10.1.0.4', 'rg-spoke-b')];
    const counts = spokeCounts(withBadEntry, groups, [[groupId('b', 'rg-spoke-b').key, 1]], []);
    expect(counts.map(({ groups: number, recordSets }) => number + recordSets)).not.toContain(1);
  });
});

describe('the zones that are audited', () => {
  const namesOf = (...of: Parameters<typeof auditedZones>) =>
    auditedZones(...of).map(({ zone, type }) => `${type} ${zone.name} ${zone.subscriptionId.slice(0, 4)}`);

  it('are those of each subscription, and none of a bad entry', () => {
    expect(namesOf(withBadEntry, [subscriptionId, other])).toEqual([
      'A spoke-a.internal.contoso.com 1111',
      'PTR 10.in-addr.arpa 1111',
      'A spoke-a.internal.contoso.com 9999',
      'PTR 10.in-addr.arpa 9999',
    ]);
  });

  it('are none where a bad entry wins in a subscription', () => {
    const forwardZone = 'b.internal.contoso.com';
    const map = zoneMapOf({ 'rg-spoke-b': { forwardZone }, [`${subscriptionId}/rg-spoke-b`]: {} });
    expect(namesOf(map, [subscriptionId, other])).toEqual([`A ${forwardZone} 9999`]);
  });

  it('are those of the subscription that an entry names, whichever are asked for', () => {
    const map = zoneMapOf({ [`${other}/rg-spoke-a`]: { forwardZone: 'a.internal.contoso.com' } });
    expect(namesOf(map, [subscriptionId])).toEqual(['A a.internal.contoso.com 9999']);
  });
});
