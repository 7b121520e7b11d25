import { beforeAll, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';
import { StateChangedError, StateUnavailableError } from '../../../src/lib/errors.ts';
import { noDeadline } from '../../replication/fixtures.ts';
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
    await fresh.insert({ partitionKey: 'p', rowKey: 'r', count: 1 }, noDeadline);
    expect(await fresh.get('p', 'r', noDeadline)).toMatchObject({ count: 1 });
  });

  it('reads nothing when the table or the entity is missing', async () => {
    expect(await table('Missing').get('p', 'r', noDeadline)).toBeUndefined();
  });

  it('refuses to insert an entity that exists', async () => {
    const some = table('Inserts');
    await some.insert({ partitionKey: 'p', rowKey: 'r' }, noDeadline);
    await expect(some.insert({ partitionKey: 'p', rowKey: 'r' }, noDeadline)).rejects.toThrow(
      StateChangedError,
    );
  });

  it('replaces all properties, and only with the ETag that was read', async () => {
    const some = table('Replaces');
    const first = await some.insert({ partitionKey: 'p', rowKey: 'r', old: 1 }, noDeadline);
    const second = await some.replace({ partitionKey: 'p', rowKey: 'r', fresh: 2 }, first, noDeadline);
    const stale = some.replace({ partitionKey: 'p', rowKey: 'r', fresh: 3 }, first, noDeadline);
    await expect(stale).rejects.toThrow(StateChangedError);
    const read = await some.get('p', 'r', noDeadline);
    expect(read).toMatchObject({ fresh: 2, etag: second });
    expect(read).not.toHaveProperty('old');
  });

  it('refuses to replace an entity that is gone', async () => {
    const some = table('Gone');
    const etag = await some.insert({ partitionKey: 'p', rowKey: 'r' }, noDeadline);
    await some.delete('p', 'r', noDeadline, etag);
    await expect(some.replace({ partitionKey: 'p', rowKey: 'r' }, etag, noDeadline)).rejects.toThrow(
      StateChangedError,
    );
  });

  it('merges the properties of concurrent writers', async () => {
    const some = table('Merges');
    await Promise.all(
      ['a', 'b', 'c'].map((name) => some.merge({ partitionKey: 'p', rowKey: 'r', [name]: name }, noDeadline)),
    );
    expect(await some.get('p', 'r', noDeadline)).toMatchObject({ a: 'a', b: 'b', c: 'c' });
  });

  it('deletes a missing entity without an error, and refuses a stale ETag', async () => {
    const some = table('Deletes');
    const stale = await some.insert({ partitionKey: 'p', rowKey: 'r' }, noDeadline);
    await some.replace({ partitionKey: 'p', rowKey: 'r' }, stale, noDeadline);
    await expect(some.delete('p', 'r', noDeadline, stale)).rejects.toThrow(StateChangedError);
    await some.delete('p', 'r', noDeadline);
    await some.delete('p', 'r', noDeadline);
    expect(await some.get('p', 'r', noDeadline)).toBeUndefined();
  });

  it('pages through the entities that match a filter, in the order of the keys', async () => {
    const some = table('Pages');
    for (const from of [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]) {
      await some.transact(
        Array.from({ length: 100 }, (_, index) => [
          'create',
          { partitionKey: 'p', rowKey: String(from + index).padStart(5, '0') },
        ]),
        noDeadline,
      );
    }
    const pages = await all(some.pages(noDeadline, { filter: "PartitionKey eq 'p'" }));
    expect(pages.length).toBeGreaterThan(1);
    const keys = pages.flat().map(({ rowKey }) => rowKey);
    expect(keys).toHaveLength(1100);
    expect(keys).toEqual(keys.toSorted());
  });

  it('finds nothing in a missing table', async () => {
    expect(await all(table('NoPages').pages(noDeadline, { filter: "PartitionKey eq 'p'" }))).toEqual([[]]);
  });

  it('applies a transaction as a whole or not at all', async () => {
    const some = table('Transacts');
    await some.insert({ partitionKey: 'p', rowKey: 'taken' }, noDeadline);
    const refused = some.transact(
      [
        ['create', { partitionKey: 'p', rowKey: 'new' }],
        ['create', { partitionKey: 'p', rowKey: 'taken' }],
      ],
      noDeadline,
    );
    await expect(refused).rejects.toThrow(StateChangedError);
    expect(await some.get('p', 'new', noDeadline)).toBeUndefined();
  });

  it('reports unavailable state, and how long to wait, when storage does not answer', async () => {
    const connectionString = azurite.connectionString.replace(
      azurite.endpoints.table,
      'http://127.0.0.1:9/devstoreaccount1',
    );
    const nowhere = openTable('Some', { kind: 'connectionString', connectionString }, undefined);
    const error = await nowhere.get('p', 'r', noDeadline).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StateUnavailableError);
    expect(error).toMatchObject({ retryAfterMs: 5000 });
  });
});
