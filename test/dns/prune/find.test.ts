import { describe, expect, it } from 'vitest';
import type { ContainerGroupId, LiveGroup } from '../../../src/dns/container-group.ts';
import { ZoneMissingError } from '../../../src/dns/errors.ts';
import { findPrunable } from '../../../src/dns/prune/find.ts';
import { fullName, type ObservedRecordSet, type ZoneId } from '../../../src/dns/record-set.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import {
  aKey,
  groupId,
  ownA,
  ownerMark,
  ownPtr,
  recordSet,
  subscriptionId,
  zoneMapOf,
  zones,
} from '../fixtures.ts';

const web = groupId('web');
const gone = groupId('gone');
const here: LiveGroup = { kind: 'addressed', address: '10.1.0.4', isRunning: true };
const isGone: LiveGroup = { kind: 'unaddressed', reason: 'gone' };

/** A zone that no entry of the map leads to. */
const oldZone: ZoneId = { ...aKey(web).zone, name: 'old.contoso.com' };
const inOldZone = (group: ContainerGroupId): ObservedRecordSet =>
  recordSet({ zone: oldZone, type: 'A', name: group.name }, ['10.1.0.4'], { metadata: ownerMark(group) });

interface World {
  readonly sets: readonly ObservedRecordSet[];
  /** The groups that the listing shows. */
  readonly listed?: readonly ContainerGroupId[];
  /** What a group that no listing shows is answered when it is read. */
  readonly read?: (group: ContainerGroupId) => Promise<LiveGroup>;
  readonly namedZones?: readonly ZoneId[];
  /** Why a zone cannot be read, by its name. */
  readonly failures?: Readonly<Record<string, Error>>;
  readonly map?: typeof zones;
}

async function find({
  sets,
  listed = [],
  read = async () => isGone,
  namedZones = [],
  failures = {},
  map = zones,
}: World) {
  const reads: string[] = [];
  const zonesRead: string[] = [];
  const ports = {
    containerGroups: {
      read: (id: ContainerGroupId) => {
        reads.push(id.name);
        return read(id);
      },
    },
    groupLister: {
      async *list() {
        yield listed.map((id) => ({ id, live: here }));
      },
    },
    recordSetLister: {
      async *list(zone: ZoneId, type: 'A' | 'PTR') {
        zonesRead.push(`${type} ${zone.name}`);
        yield sets.filter(({ key }) => key.type === type && key.zone.name === zone.name);
        const failure = failures[zone.name];
        if (failure !== undefined) throw failure;
      },
    },
    subscriptionLister: { list: async () => [subscriptionId] },
  };
  const request = { zones: map, namedZones, subscriptions: undefined, policy: 'sync' } as const;
  const found = await findPrunable(request, ports, deadlineIn(10_000));
  const owners = found.owners.map(
    ({ owner, reason, recordSets }) =>
      `${reason} ${owner.name}: ${recordSets.map(({ recordSet: { key } }) => `${key.type} ${fullName(key)}`).join(', ')}`,
  );
  return { ...found, owners, found: found.owners, reads, zonesRead };
}

describe('what may be pruned', () => {
  it('is every record set of a group that is gone, PTR first, in the order of their ids', async () => {
    const forward = { ...aKey(web).zone, name: '0.contoso.com' };
    const map = zoneMapOf({
      'rg-spoke-a': {
        forwardZone: forward.name,
        reverseZones: ['1.10.in-addr.arpa'],
        zoneResourceGroup: 'rg-hub-dns',
      },
    });
    const a = recordSet({ zone: forward, type: 'A', name: 'gone' }, ['10.1.0.9'], {
      metadata: ownerMark(gone),
    });
    const sets = [a, ownPtr(gone, '10.1.0.10'), ownPtr(gone, '10.1.0.9')];
    const { owners, found } = await find({ sets, listed: [web], map });
    expect(owners).toEqual([
      'gone gone: PTR 10.0.1.10.in-addr.arpa, PTR 9.0.1.10.in-addr.arpa, A gone.0.contoso.com',
    ]);
    expect(found).toMatchObject([{ state: 'gone', policy: 'sync' }]);
  });

  it('is nothing of a group that lives, nor of one that nobody knows, nor what carries no mark', async () => {
    const unknown = groupId('unknown');
    const sets = [
      ownA(web, '10.1.0.4'),
      ownA(unknown, '10.1.0.5'),
      recordSet({ ...aKey(web), name: 'foreign' }, ['10.1.0.6']),
    ];
    for (const read of [() => Promise.reject(new Error('no answer')), async () => here]) {
      const { owners, reads, unread } = await find({ sets, listed: [web], read });
      expect({ owners, reads, unread }).toEqual({ owners: [], reads: ['unknown'], unread: [] });
    }
  });

  it('stands in the order of the owners', async () => {
    const names = ['b', 'c', 'a'];
    const { owners } = await find({ sets: names.map((name) => ownA(groupId(name), '10.1.0.9')) });
    expect(owners.map((owner) => owner.slice(0, 6))).toEqual(['gone a', 'gone b', 'gone c']);
  });

  it('is told with the policy of its spoke, or with that of the setting', async () => {
    const map = zoneMapOf({
      'rg-spoke-a': { forwardZone: aKey(web).zone.name, zoneResourceGroup: 'rg-hub-dns', policy: 'observe' },
    });
    const strange = recordSet(aKey(web), ['10.1.0.9'], { metadata: ownerMark(groupId('x', 'rg-x')) });
    const { found } = await find({ sets: [ownA(gone, '10.1.0.9'), strange], map });
    expect(found.map(({ reason, policy }) => [reason, policy])).toEqual([
      ['gone', 'observe'],
      ['unmapped', 'sync'],
    ]);
  });

  describe('in a zone that no entry leads to', () => {
    it('is what a group that lives has there', async () => {
      const sets = [inOldZone(web), ownA(web, '10.1.0.4')];
      const { owners, found, reads, zonesRead } = await find({ sets, listed: [web], namedZones: [oldZone] });
      expect(owners).toEqual(['misplaced web: A web.old.contoso.com']);
      expect(found[0]?.recordSets).toMatchObject([{ isZoneMapped: false }]);
      expect(reads).toEqual([]);
      expect(zonesRead.slice(-2)).toEqual(['A old.contoso.com', 'PTR old.contoso.com']);
    });

    it('is nothing of a mapped group that lives and that no listing shows', async () => {
      const { owners } = await find({
        sets: [inOldZone(web)],
        read: async () => here,
        namedZones: [oldZone],
      });
      expect(owners).toEqual([]);
    });

    it('is what an unmapped group has there, also where it lives', async () => {
      const strange = inOldZone(groupId('strange', 'rg-x'));
      const { owners, found } = await find({
        sets: [strange],
        read: async () => here,
        namedZones: [oldZone],
      });
      expect(owners).toEqual(['unmapped strange: A strange.old.contoso.com']);
      expect(found[0]?.state).toBe('lives');
    });
  });

  it('is looked for once in a zone that is mapped and named as well', async () => {
    const { found, zonesRead } = await find({ sets: [ownA(gone, '10.1.0.9')], namedZones: [aKey(web).zone] });
    expect(zonesRead.filter((zone) => zone === `A ${aKey(web).zone.name}`)).toHaveLength(1);
    expect(found[0]?.recordSets).toMatchObject([{ isZoneMapped: true }]);
  });

  it.each<[string, Error, string, readonly string[]]>([
    ['cannot be read to its end', new Error('no answer'), 'no answer', ['A gone.old.contoso.com']],
    ['is missing', new ZoneMissingError('old'), 'there is no such zone', []],
  ])('is told without a named zone that %s', async (_, failure, reason, sets) => {
    const { unread, unreadReverseZones, owners } = await find({
      sets: [inOldZone(gone)],
      namedZones: [oldZone],
      failures: { [oldZone.name]: failure },
    });
    expect(unread.map((zone) => zone.reason)).toEqual([reason, reason]);
    expect(unreadReverseZones).toEqual([oldZone]);
    expect(owners).toEqual(sets.map((set) => `gone gone: ${set}`));
  });

  it('is told without a mapped zone that cannot be read, and a missing one is none', async () => {
    const [narrow, wide] = ['1.10.in-addr.arpa', '10.in-addr.arpa'];
    const failures = { [narrow]: new Error('no answer'), [wide]: new ZoneMissingError(wide) };
    const { unread, unreadReverseZones, owners } = await find({ sets: [ownA(gone, '10.1.0.9')], failures });
    expect(unread).toEqual([{ scope: expect.stringContaining(narrow), reason: 'no answer' }]);
    expect(unreadReverseZones.map(({ name }) => name)).toEqual([narrow]);
    expect(owners).toHaveLength(1);
  });
});
