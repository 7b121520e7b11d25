import { describe, expect, it } from 'vitest';
import { compareRecordSet, mayRemove, missingRecordSets } from '../../../src/dns/audit/compare.ts';
import { buildInventory, type InventoryGroup } from '../../../src/dns/audit/inventory.ts';
import type { FindingKind } from '../../../src/dns/audit/report.ts';
import { auditedZoneKey } from '../../../src/dns/audit/zones.ts';
import type { ObservedRecordSet } from '../../../src/dns/record-set.ts';
import { aKey, groupId, hostOf, ownA, ownerMark, ptrKey, recordSet, zones } from '../fixtures.ts';

const web = groupId('web');
const gone = groupId('gone');
const stopped = groupId('stopped');
const starting = groupId('starting');
const outside = groupId('outside', 'rg-not-mapped');
const counted: InventoryGroup[] = [
  { id: web, hostName: web.name.toLowerCase(), isNameFromTag: false, address: '10.1.0.4' },
  { id: stopped, hostName: stopped.name.toLowerCase(), isNameFromTag: false, address: null },
  { id: starting, hostName: starting.name.toLowerCase(), isNameFromTag: false, address: undefined },
];
const inventory = buildInventory(counted, zones, ({ resourceGroup }) => resourceGroup === 'rg-spoke-a');

const ptr = (address: string, names: readonly string[], owner = web): ObservedRecordSet =>
  recordSet(ptrKey(address), names, { metadata: ownerMark(owner) });
const expectationOf = ({ key }: ObservedRecordSet, of = inventory) =>
  of.desired.get(auditedZoneKey(key))?.get(key.name);
const judged = (set: ObservedRecordSet, policy: 'overwrite' | 'refuse' = 'overwrite') => {
  const found = compareRecordSet(set, expectationOf(set), inventory, policy);
  return found && `${found.finding} ${found.group.name} ${found.address ?? ''}`.trimEnd();
};

/** The reverse zone that is not the longest. */
const wide = { ...ptrKey('10.1.0.4').zone, name: '10.in-addr.arpa' };

describe('the audit finds', () => {
  const names = [`${hostOf(web)}.`];
  it.each<[string, ObservedRecordSet, string | undefined]>([
    ['nothing at an A record set that is right', ownA(web, '10.1.0.4'), undefined],
    ['nothing at a right one without a mark', recordSet(aKey(web), ['10.1.0.4']), undefined],
    ['addressDiffers at another address', ownA(web, '10.1.0.9'), 'addressDiffers web'],
    [
      'addressDiffers at more than one address',
      recordSet(aKey(web), ['10.1.0.4', '10.1.0.5']),
      'addressDiffers web',
    ],
    ['addressDiffers at an empty set', recordSet(aKey(web), []), 'addressDiffers web'],
    ['orphan at the A record set of a group that is gone', ownA(gone, '10.1.0.6'), 'orphan gone'],
    ['orphan at that of a group without an address', ownA(stopped, '10.1.0.6'), 'orphan stopped'],
    ['nothing at that of a group of which nothing is known', ownA(starting, '10.1.0.6'), undefined],
    ['nothing at one without a mark that nobody needs', recordSet(aKey(gone), ['10.1.0.6']), undefined],
    [
      'nothing where the platform registered it',
      { ...ownA(gone, '10.1.0.6'), isAutoRegistered: true },
      undefined,
    ],
    [
      'nothing at a wrong one that the platform registered',
      { ...recordSet(aKey(web), ['10.1.0.9']), isAutoRegistered: true },
      undefined,
    ],
    ['nothing at a PTR that is right', ptr('10.1.0.4', names), undefined],
    [
      'nothing at a right PTR in other casing, without its final dot',
      ptr('10.1.0.4', [hostOf(web).toUpperCase()]),
      undefined,
    ],
    ['ptrDiffers at another name', ptr('10.1.0.4', ['other.example.com.']), 'ptrDiffers web'],
    ['ptrDiffers at a further name', ptr('10.1.0.4', [...names, 'other.example.com.']), 'ptrDiffers web'],
    ['stalePtr where a live group is named elsewhere', ptr('10.1.0.7', names), 'stalePtr web 10.1.0.7'],
    ['stalePtr there without a mark too', recordSet(ptrKey('10.1.0.7'), names), 'stalePtr web 10.1.0.7'],
    [
      'orphan at the PTR of a group that is gone',
      ptr('10.1.0.6', [`${hostOf(gone)}.`], gone),
      'orphan gone 10.1.0.6',
    ],
    [
      'nothing at a PTR without a mark that names a gone group',
      recordSet(ptrKey('10.1.0.6'), [`${hostOf(gone)}.`]),
      undefined,
    ],
    [
      'unmapped where no entry of the map covers the owner',
      ptr('10.1.0.6', ['x.example.com.'], outside),
      'unmapped outside 10.1.0.6',
    ],
    [
      'misplaced at an A record set of a live group in another place',
      { ...ownA(web, '10.1.0.4'), key: { ...aKey(web), name: 'web-before' } },
      'misplaced web',
    ],
  ])('%s', (_title, set, expected) => {
    expect(judged(set)).toBe(expected);
  });

  it.each<[string, ObservedRecordSet, string | null, string | null]>([
    ['addressDiffers', recordSet(aKey(web), ['10.1.0.9', '10.1.0.5']), '10.1.0.4', '10.1.0.9,10.1.0.5'],
    ['addressDiffers', recordSet(aKey(web), []), '10.1.0.4', null],
    ['ptrDiffers', ptr('10.1.0.4', ['x.', 'y.']), '10.1.0.4', 'x.,y.'],
    ['orphan', ownA(gone, '10.1.0.6'), null, '10.1.0.6'],
    ['orphan', ownA(gone, '10.1.0.6', {}, { values: [] }), null, null],
    ['stalePtr', ptr('10.1.0.7', names), '10.1.0.4', '10.1.0.7'],
    [
      'misplaced',
      { ...ptr('10.1.0.4', names), key: { ...ptrKey('10.1.0.4'), zone: wide, name: '4.0.1' } },
      '10.1.0.4',
      '10.1.0.4',
    ],
    [
      'unmapped',
      { ...ptr('10.1.0.6', ['x.'], outside), key: { ...ptrKey('10.1.0.6'), name: '@' } },
      null,
      null,
    ],
  ])('%s with the address of the group and what the record says: %j', (finding, set, liveAddress, of) => {
    const found = compareRecordSet(set, expectationOf(set), inventory, 'overwrite');
    expect(found).toMatchObject({ finding, liveAddress, recordAddress: of });
  });

  it('nothing at a record set of a group whose listing was not read', () => {
    const elsewhere = groupId('elsewhere', 'rg-spoke-b');
    const set = recordSet(aKey(elsewhere), ['10.1.0.6'], { metadata: ownerMark(elsewhere) });
    expect(judged(set)).toBeUndefined();
  });

  it('no stale PTR without a mark when foreign records are refused', () => {
    expect(judged(recordSet(ptrKey('10.1.0.7'), names), 'refuse')).toBeUndefined();
  });

  it.each([
    ['a foreign A record set under refuse', recordSet(aKey(web), ['10.1.0.9']), 'refuse', false, true],
    ['a foreign A record set under overwrite', recordSet(aKey(web), ['10.1.0.9']), 'overwrite', false, false],
    [
      'a foreign A record set at a name from a tag',
      recordSet(aKey(web), ['10.1.0.9']),
      'overwrite',
      true,
      true,
    ],
    [
      'a foreign PTR at the address of such a name',
      recordSet(ptrKey('10.1.0.4'), ['x.']),
      'overwrite',
      true,
      false,
    ],
    ['one of its own', ownA(web, '10.1.0.9'), 'refuse', true, false],
  ] as const)('%s to be left alone, or not', (_title, set, foreignRecords, isNameFromTag, isRefused) => {
    const group = { id: web, hostName: 'web', isNameFromTag, address: '10.1.0.4' };
    const of = buildInventory([group], zones, () => true);
    expect(compareRecordSet(set, expectationOf(set, of), of, foreignRecords)?.isRefused).toBe(isRefused);
  });

  it.each<[FindingKind, boolean]>([
    ['orphan', true],
    ['stalePtr', true],
    ['misplaced', true],
    ['addressDiffers', false],
    ['ptrMissing', false],
    ['unmapped', false],
  ])('%s, which may take something away: %s', (finding, may) => {
    const [ofZone = new Map()] = inventory.desired.values();
    const [missing] = missingRecordSets(ofZone, new Set());
    expect(missing && mayRemove({ ...missing, finding })).toBe(may);
  });

  it('what is missing', () => {
    const missing = [...inventory.desired.values()].flatMap((ofZone) => [
      ...missingRecordSets(ofZone, new Set([aKey(web).name])),
    ]);
    expect(missing.map(({ finding, group }) => `${finding} ${group.name}`)).toEqual(['ptrMissing web']);
    expect(missing).toMatchObject([{ liveAddress: '10.1.0.4', recordAddress: null, isRefused: false }]);
  });

  it('a PTR right that names either of two groups on one address', () => {
    const twin = groupId('twin');
    const both = buildInventory(
      [
        ...counted,
        { id: twin, hostName: twin.name.toLowerCase(), isNameFromTag: false, address: '10.1.0.4' },
      ],
      zones,
      () => true,
    );
    for (const group of [web, twin]) {
      const set = ptr('10.1.0.4', [`${hostOf(group)}.`], group);
      expect(compareRecordSet(set, expectationOf(set, both), both, 'overwrite')).toBeUndefined();
    }
  });
});
