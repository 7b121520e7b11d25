import { beforeAll, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { reviewTable, reviewTableName } from '../../../src/azure/storage/reviews.ts';
import { openTable, type Table } from '../../../src/azure/storage/tables.ts';
import { StateChangedError } from '../../../src/lib/errors.ts';
import { emptyReviewState, type ReviewState } from '../../../src/routing/state.ts';
import { noDeadline } from '../../replication/fixtures.ts';
import { aReplicaState, minuteText } from '../../routing/fixtures.ts';
import { aStorageAccount } from '../../support/storage-account.ts';
import { countedTable } from './counted-table.ts';

let azurite: Azurite;
let table: Table;
beforeAll(async () => {
  azurite = await aStorageAccount();
  const connection = { kind: 'connectionString', connectionString: azurite.connectionString } as const;
  table = openTable(reviewTableName, connection, undefined);
});

const aState = (changes: Partial<ReviewState> = {}): ReviewState => ({
  ...emptyReviewState('myregistry', minuteText(0), 'flag'),
  replicas: [aReplicaState('westus')],
  ...changes,
});

describe('the table of reviews', () => {
  it('has no state of a registry that was never reviewed', async () => {
    expect(await reviewTable(table).read('unheard', noDeadline)).toBeUndefined();
  });

  it('returns the state that was written last, with its ETag', async () => {
    const states = reviewTable(table);
    const first = await states.write('first', aState(), undefined, noDeadline);
    const second = await states.write('first', aState({ commonCause: true }), first, noDeadline);
    const read = await states.read('first', noDeadline);
    expect(read?.state).toEqual(aState({ commonCause: true }));
    expect(read?.etag).toBe(second);
  });

  it('returns what another run has written since it was read last', async () => {
    const [ours, theirs] = [reviewTable(table), reviewTable(table)];
    const first = await ours.write('shared', aState(), undefined, noDeadline);
    const readTwice = [await ours.read('shared', noDeadline), await ours.read('shared', noDeadline)];
    expect(readTwice.map((read) => read?.state)).toEqual([aState(), aState()]);
    await theirs.write('shared', aState({ commonCause: true }), first, noDeadline);
    expect((await ours.read('shared', noDeadline))?.state).toEqual(aState({ commonCause: true }));
  });

  it('returns those of many registries at the cost of one listing and of what has changed', async () => {
    const counted = countedTable(table);
    const [ours, theirs] = [reviewTable(counted.table), reviewTable(table)];
    const keys = Array.from({ length: 10 }, (_, index) => `of-many-${index}`);
    const etags = new Map<string, string>();
    for (const key of keys.slice(1)) etags.set(key, await theirs.write(key, aState(), undefined, noDeadline));
    const states = async () => {
      const read = await ours.readAll(keys, noDeadline);
      return keys.map((key) => read.get(key)?.commonCause);
    };
    const allOf = (count: number, one?: boolean) => [one, ...Array(count).fill(false)];
    expect([await states(), counted.take()]).toEqual([allOf(9), { reads: 9, listings: 0, keyListings: 1 }]);
    expect([await states(), counted.take()]).toEqual([allOf(9), { reads: 0, listings: 0, keyListings: 1 }]);
    await theirs.write('of-many-0', aState({ commonCause: true }), undefined, noDeadline);
    await theirs.write('of-many-9', aState({ commonCause: true }), etags.get('of-many-9'), noDeadline);
    expect([await states(), counted.take()]).toEqual([
      [...allOf(8, true), true],
      { reads: 2, listings: 0, keyListings: 1 },
    ]);
  });

  it('returns those of a few registries by a read of each', async () => {
    const counted = countedTable(table);
    await reviewTable(table).write('of-few', aState(), undefined, noDeadline);
    const read = await reviewTable(counted.table).readAll(['of-few', 'unheard'], noDeadline);
    expect(read).toEqual(new Map([['of-few', aState()]]));
    expect(counted.take()).toEqual({ reads: 2, listings: 0, keyListings: 0 });
  });

  it('refuses to overwrite the state of another run', async () => {
    const states = reviewTable(table);
    const etag = await states.write('second', aState(), undefined, noDeadline);
    await expect(states.write('second', aState(), undefined, noDeadline)).rejects.toThrow(StateChangedError);
    await states.write('second', aState(), etag, noDeadline);
    await expect(states.write('second', aState(), etag, noDeadline)).rejects.toThrow(StateChangedError);
    await expect(states.write('second', aState(), '', noDeadline)).rejects.toThrow(StateChangedError);
  });

  it('stores the state of many replicas, and replaces it as a whole', async () => {
    const states = reviewTable(table);
    const large = aState({
      replicas: Array.from({ length: 25 }, (_, index) => ({
        ...aReplicaState('westus'),
        name: `replica${index}`,
        reasons: Array.from({ length: 10 }, () => 'x – 🙂 '.repeat(200)),
      })),
    });
    expect(JSON.stringify(large).length).toBeGreaterThan(200_000);
    const etag = await states.write('third', large, undefined, noDeadline);
    expect((await states.read('third', noDeadline))?.state).toEqual(large);
    await states.write('third', aState(), etag, noDeadline);
    expect((await states.read('third', noDeadline))?.state).toEqual(aState());
  });

  const huge = (note: string) =>
    aState({
      problems: [note],
      replicas: Array.from({ length: 80 }, (_, index) => ({
        ...aReplicaState('westus'),
        name: `replica${index}`,
        reasons: Array.from({ length: 10 }, () => 'x'.repeat(1_500)),
      })),
    });
  const rows = async (key: string): Promise<number> => {
    let count = 0;
    for await (const page of table.pages(noDeadline, { filter: `PartitionKey eq '${key}'` }))
      count += page.length;
    return count;
  };

  it('stores a state in as many entities as it takes, and leaves none behind', async () => {
    const states = reviewTable(table);
    const first = await states.write('fifth', huge('one'), undefined, noDeadline);
    expect(await rows('fifth')).toBe(3);
    expect((await states.read('fifth', noDeadline))?.state).toEqual(huge('one'));
    const second = await states.write('fifth', huge('two'), first, noDeadline);
    expect(await rows('fifth')).toBe(3);
    await expect(states.write('fifth', huge('three'), first, noDeadline)).rejects.toThrow(StateChangedError);
    expect(await rows('fifth')).toBe(3);
    // Another process knows what it replaces from its own read.
    const others = reviewTable(table);
    expect(await others.read('fifth', noDeadline)).toEqual({ state: huge('two'), etag: second });
    await others.write('fifth', aState(), second, noDeadline);
    expect(await rows('fifth')).toBe(1);
    expect((await states.read('fifth', noDeadline))?.state).toEqual(aState());
  });

  it('reads a state as a whole, whoever writes in between', async () => {
    const writer = reviewTable(table);
    let etag = await writer.write('sixth', huge('before'), undefined, noDeadline);
    let isWritten = false;
    const reader = reviewTable({
      ...table,
      async get(partitionKey, rowKey, deadline) {
        const entity = await table.get(partitionKey, rowKey, deadline);
        if (rowKey === 'review' && !isWritten) {
          isWritten = true;
          etag = await writer.write('sixth', huge('after'), etag, noDeadline);
        }
        return entity;
      },
    });
    expect(await reader.read('sixth', noDeadline)).toEqual({ state: huge('after'), etag });
  });

  it('has no state when an entity of it was removed by hand', async () => {
    const states = reviewTable(table);
    await states.write('seventh', huge('one'), undefined, noDeadline);
    for await (const page of table.pages(noDeadline, {
      filter: "PartitionKey eq 'seventh' and RowKey ne 'review'",
    }))
      for (const { rowKey = '' } of page) await table.delete('seventh', rowKey, noDeadline);
    expect(await states.read('seventh', noDeadline)).toMatchObject({ state: undefined });
  });

  it('has no state when somebody wrote something else', async () => {
    const states = reviewTable(table);
    await table.insert({ partitionKey: 'fourth', rowKey: 'review', text0: 'garbage' }, noDeadline);
    const read = await states.read('fourth', noDeadline);
    expect(read).toMatchObject({ state: undefined });
    await states.write('fourth', aState(), read?.etag, noDeadline);
    expect((await states.read('fourth', noDeadline))?.state).toEqual(aState());
  });
});
