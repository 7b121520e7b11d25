import { describe, expect, it } from 'vitest';
import type { LiveGroup } from '../../../src/dns/container-group.ts';
import { RecordSetChangedError } from '../../../src/dns/errors.ts';
import { type Pruned, removeRecordSets } from '../../../src/dns/prune/remove.ts';
import type { ObservedRecordSet } from '../../../src/dns/record-set.ts';
import { ThrottledError } from '../../../src/lib/errors.ts';
import { groupId, hostOf, now, ownA, ownPtr } from '../fixtures.ts';
import { InMemoryAzure } from '../in-memory-azure.ts';
import { writesOf } from '../reconcile-once.ts';

const web = groupId('web');
const api = groupId('api');
const here = '10.1.0.4';
const a = ownA(web, here);
const ptr = ownPtr(web, here);
const deletePtr = 'delete PTR 4.0.1.10.in-addr.arpa';
const deleteA = `delete A ${hostOf(web)}`;

type Owner = Parameters<typeof removeRecordSets>[0]['owners'][number];

const ownerOf = (sets: readonly ObservedRecordSet[], overrides: Partial<Owner> = {}): Owner => ({
  owner: web,
  state: 'gone',
  reason: 'gone',
  policy: 'sync',
  recordSets: sets.map((recordSet) => ({ recordSet, isZoneMapped: true })),
  ...overrides,
});

/** Removes what was found, which then is in Azure; `before` is called before each call. */
async function remove(
  owners: readonly Owner[],
  {
    before = () => {},
    live,
    timeMs = 60_000,
  }: { before?: InMemoryAzure['before']; live?: LiveGroup; timeMs?: number } = {},
) {
  const azure = new InMemoryAzure();
  azure.put(...owners.flatMap(({ recordSets }) => recordSets.map(({ recordSet }) => recordSet)));
  if (live !== undefined) azure.groups.set(web.key, live);
  azure.before = before;
  const pauses: number[] = [];
  const found = owners.map((owner) => ({
    ...owner,
    recordSets: owner.recordSets.map((one) => ({
      ...one,
      recordSet: azure.find(one.recordSet.key) ?? one.recordSet,
    })),
  }));
  const ports = {
    ...azure.ports,
    clock: { now: () => now, sleep: async (ms: number) => void pauses.push(ms) },
  };
  const deadline = { signal: new AbortController().signal, remainingMs: () => timeMs };
  const pruned = await removeRecordSets({ owners: found, unreadReverseZones: [] }, ports, deadline);
  return { writes: writesOf(azure.calls), left: reasons(pruned), pruned, azure, pauses };
}

const reasons = ({ left }: Pruned) => left.map(({ recordSet: { key }, reason }) => `${key.type}: ${reason}`);

describe('the removal of what may be pruned', () => {
  it('deletes PTR and A of each owner, and reads one again that was gone', async () => {
    const { writes, left, pruned, azure } = await remove([
      ownerOf([ptr, a]),
      ownerOf([ownA(api, '10.1.0.5')], { owner: api, reason: 'unmapped' }),
    ]);
    expect(writes).toEqual([deletePtr, deleteA, `delete A ${hostOf(api)}`]);
    expect(left).toEqual([]);
    expect(pruned.changes.map(({ action }) => action)).toEqual(['delete', 'delete', 'delete']);
    expect(azure.calls.filter(({ kind }) => kind === 'readGroup')).toHaveLength(1);
  });

  it('takes the name out of a PTR that others share', async () => {
    const shared = ownPtr(web, here, { values: [`${hostOf(web)}.`, 'db.contoso.com.'] });
    const { azure, left } = await remove([ownerOf([shared, a])]);
    expect(azure.recordSets.map(({ values }) => values)).toEqual([['db.contoso.com.']]);
    expect(left).toEqual([]);
  });

  it.each<[string, LiveGroup, string]>([
    [
      'is there again',
      { kind: 'addressed', address: here, isRunning: true },
      'its container group is there again',
    ],
    ['is unknown by now', { kind: 'unknown', detail: '503' }, 'its container group is there again'],
  ])('leaves all of an owner that %s, and goes on with the next', async (_, live, reason) => {
    const next = ownerOf([ownA(api, '10.1.0.5')], { owner: api });
    const { writes, left } = await remove([ownerOf([ptr, a]), next], { live });
    expect(left).toEqual([`PTR: ${reason}`, `A: ${reason}`]);
    expect(writes).toEqual([`delete A ${hostOf(api)}`]);
  });

  it('leaves all of an owner that cannot be read', async () => {
    const before: InMemoryAzure['before'] = ({ kind }) => {
      if (kind === 'readGroup') throw new Error('no answer');
    };
    const { writes, left } = await remove([ownerOf([a])], { before });
    expect({ writes, left }).toEqual({ writes: [], left: ['A: no answer'] });
  });

  it.each<[string, Error, string]>([
    ['changed meanwhile', new RecordSetChangedError('x'), 'it changed meanwhile'],
    ['is refused', new Error('403'), '403'],
  ])(
    'leaves a PTR that %s, the A of its owner with it, and removes the other PTRs',
    async (_, error, reason) => {
      const before: InMemoryAzure['before'] = (call) => {
        if (call.kind === 'delete' && call.key.name === '4.0') throw error;
      };
      const { azure, left } = await remove([ownerOf([ptr, ownPtr(web, '10.1.0.9'), a])], { before });
      expect(left).toEqual([`PTR: ${reason}`, 'A: a PTR record set of its owner has to go first']);
      expect(azure.recordSets.map(({ key }) => key.name)).toEqual(['4.0', 'web']);
    },
  );

  it('removes the other A record sets of an owner where one is refused', async () => {
    const second: ObservedRecordSet = { ...a, key: { ...a.key, name: 'web-2' } };
    const before: InMemoryAzure['before'] = (call) => {
      if (call.kind === 'delete' && call.key.name === 'web') throw new Error('403');
    };
    const { azure, left } = await remove([ownerOf([a, second])], { before });
    expect(left).toEqual(['A: 403']);
    expect(azure.recordSets.map(({ key }) => key.name)).toEqual(['web']);
  });

  it('tells what stays because a PTR holds several names of unknown origin', async () => {
    const several = ownPtr(web, here, { values: ['x.contoso.com.', 'y.contoso.com.'] });
    const { left, writes } = await remove([ownerOf([several, a])]);
    expect(left).toEqual([
      expect.stringContaining('PTR: it holds several names'),
      'A: a PTR record set of its owner has to go first',
    ]);
    expect(writes).toEqual([]);
  });

  it.each([
    ['waits as long as a quota asks for', 30_001, [30_000], []],
    [
      'does not wait longer than it has time',
      30_000,
      [],
      ['A: delete on x was throttled; retry after 30 s (429)'],
    ],
  ])('%s', async (_, timeMs, pauses, left) => {
    let refusals = 0;
    const before: InMemoryAzure['before'] = ({ kind }) => {
      if (kind === 'delete' && refusals++ === 0) throw new ThrottledError('delete', 'x', 30_000);
    };
    const result = await remove([ownerOf([a])], { before, timeMs });
    expect({ pauses: result.pauses, left: result.left }).toEqual({ pauses, left });
    expect(result.azure.recordSets).toHaveLength(left.length);
  });
});
