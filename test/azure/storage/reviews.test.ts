import { beforeAll, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { reviewTable, reviewTableName } from '../../../src/azure/storage/reviews.ts';
import { openTable, type Table } from '../../../src/azure/storage/tables.ts';
import { StateChangedError } from '../../../src/lib/errors.ts';
import { emptyReviewState, type ReviewState } from '../../../src/routing/state.ts';
import { noDeadline } from '../../replication/fixtures.ts';
import { aReplicaState, minuteText } from '../../routing/fixtures.ts';
import { aStorageAccount } from '../../support/storage-account.ts';

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

  it('has no state when somebody wrote something else', async () => {
    const states = reviewTable(table);
    await table.insert({ partitionKey: 'fourth', rowKey: 'review', text0: 'garbage' }, noDeadline);
    const read = await states.read('fourth', noDeadline);
    expect(read).toMatchObject({ state: undefined });
    await states.write('fourth', aState(), read?.etag, noDeadline);
    expect((await states.read('fourth', noDeadline))?.state).toEqual(aState());
  });
});
