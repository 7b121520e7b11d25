import { beforeAll, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';
import { StateChangedError, StateUnavailableError } from '../../../src/lib/errors.ts';
import { aStorageAccount } from '../../support/storage-account.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await aStorageAccount();
});

const table = (name: string) =>
  openTable(name, { kind: 'connectionString', connectionString: azurite.connectionString }, undefined);

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

describe('openTable', () => {
  it('creates a missing table with the first write', async () => {
    const fresh = table('FreshOnes');
    await fresh.insert({ partitionKey: 'p', rowKey: 'r', count: 1 });
    expect(await fresh.get('p', 'r')).toMatchObject({ count: 1 });
  });

  it('reads nothing when the table or the entity is missing', async () => {
    expect(await table('Missing').get('p', 'r')).toBeUndefined();
  });

  it('refuses to insert an entity that exists', async () => {
    const some = table('Inserts');
    await some.insert({ partitionKey: 'p', rowKey: 'r' });
    await expect(some.insert({ partitionKey: 'p', rowKey: 'r' })).rejects.toThrow(StateChangedError);
  });

  it('replaces all properties, and only with the ETag that was read', async () => {
    const some = table('Replaces');
    const first = await some.insert({ partitionKey: 'p', rowKey: 'r', old: 1 });
    const second = await some.replace({ partitionKey: 'p', rowKey: 'r', fresh: 2 }, first);
    const stale = some.replace({ partitionKey: 'p', rowKey: 'r', fresh: 3 }, first);
    await expect(stale).rejects.toThrow(StateChangedError);
    const read = await some.get('p', 'r');
    expect(read).toMatchObject({ fresh: 2, etag: second });
    expect(read).not.toHaveProperty('old');
  });

  it('refuses to replace an entity that is gone', async () => {
    const some = table('Gone');
    const etag = await some.insert({ partitionKey: 'p', rowKey: 'r' });
    await some.delete('p', 'r', etag);
    await expect(some.replace({ partitionKey: 'p', rowKey: 'r' }, etag)).rejects.toThrow(StateChangedError);
  });

  it('merges the properties of concurrent writers', async () => {
    const some = table('Merges');
    await Promise.all(
      ['a', 'b', 'c'].map((name) => some.merge({ partitionKey: 'p', rowKey: 'r', [name]: name })),
    );
    expect(await some.get('p', 'r')).toMatchObject({ a: 'a', b: 'b', c: 'c' });
  });

  it('deletes a missing entity without an error, and refuses a stale ETag', async () => {
    const some = table('Deletes');
    const stale = await some.insert({ partitionKey: 'p', rowKey: 'r' });
    await some.replace({ partitionKey: 'p', rowKey: 'r' }, stale);
    await expect(some.delete('p', 'r', stale)).rejects.toThrow(StateChangedError);
    await some.delete('p', 'r');
    await some.delete('p', 'r');
    expect(await some.get('p', 'r')).toBeUndefined();
  });

  it('pages through the entities that match a filter, in the order of the keys', async () => {
    const some = table('Pages');
    for (const from of [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]) {
      await some.transact(
        Array.from({ length: 100 }, (_, index) => [
          'create',
          { partitionKey: 'p', rowKey: String(from + index).padStart(5, '0') },
        ]),
      );
    }
    const pages = await all(some.pages("PartitionKey eq 'p'"));
    expect(pages.length).toBeGreaterThan(1);
    const keys = pages.flat().map(({ rowKey }) => rowKey);
    expect(keys).toHaveLength(1100);
    expect(keys).toEqual(keys.toSorted());
  });

  it('finds nothing in a missing table', async () => {
    expect(await all(table('NoPages').pages("PartitionKey eq 'p'"))).toEqual([[]]);
  });

  it('applies a transaction as a whole or not at all', async () => {
    const some = table('Transacts');
    await some.insert({ partitionKey: 'p', rowKey: 'taken' });
    const refused = some.transact([
      ['create', { partitionKey: 'p', rowKey: 'new' }],
      ['create', { partitionKey: 'p', rowKey: 'taken' }],
    ]);
    await expect(refused).rejects.toThrow(StateChangedError);
    expect(await some.get('p', 'new')).toBeUndefined();
  });

  it('reports unavailable state, and how long to wait, when storage does not answer', async () => {
    const connectionString = azurite.connectionString.replace(
      azurite.endpoints.table,
      'http://127.0.0.1:9/devstoreaccount1',
    );
    const nowhere = openTable('Some', { kind: 'connectionString', connectionString }, undefined);
    const error = await nowhere.get('p', 'r').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StateUnavailableError);
    expect(error).toMatchObject({ retryAfterMs: 5000 });
  });
});
