import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Azurite } from '../../local/azure/azurite.ts';
import { openTable, type Table } from '../../src/azure/storage/tables.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { StateRefusedError, StateUnavailableError } from '../../src/lib/errors.ts';
import { aStorageAccount } from '../support/storage-account.ts';
import { type StorageProxy, startStorageProxy } from './storage-proxy.ts';

let azurite: Azurite;
let tables: StorageProxy;
let queues: StorageProxy;
let table: Table;
beforeAll(async () => {
  azurite = await aStorageAccount();
  tables = await startStorageProxy('Table');
  queues = await startStorageProxy('Queue');
  const connectionString = tables.inFrontOf(azurite.connectionString);
  table = openTable('Limits', { kind: 'connectionString', connectionString }, undefined);
});
afterAll(async () => {
  await tables.close();
  await queues.close();
});

const soon = () => deadlineIn(10_000);
const keys = (rowKey: string) => ({ partitionKey: 'p', rowKey });
const texts = (count: number, characters: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`text${index}`, 'x'.repeat(characters)]));

describe('table storage behind the proxy', () => {
  it.each([
    ['a key of 1 KiB', { ...keys('k'.repeat(512)) }],
    ['a property of 64 KiB', { ...keys('property'), ...texts(1, 32 * 1024) }],
    ['250 properties', { ...keys('properties'), ...texts(250, 1) }],
  ])('takes %s', async (_what, entity) => {
    await table.upsert(entity, soon());
  });

  it.each([
    ['a longer key', { ...keys('k'.repeat(513)) }],
    ['a longer property', { ...keys('property'), ...texts(1, 32 * 1024 + 1) }],
    ['256 properties', { ...keys('properties'), ...texts(256, 1) }],
    ['an entity of more than 1 MiB', { ...keys('entity'), ...texts(17, 32 * 1024) }],
  ])('refuses %s, alone and in a transaction', async (_what, entity) => {
    await expect(table.upsert(entity, soon())).rejects.toThrow(StateRefusedError);
    await expect(table.transact([['upsert', entity, 'Replace']], soon())).rejects.toThrow(StateRefusedError);
  });

  it('that is busy has done nothing', async () => {
    onTestFinished(tables.busy(({ name }) => name.startsWith('Limits')));
    await expect(table.insert(keys('busy'), soon())).rejects.toThrow(StateUnavailableError);
  });

  it('that times out may have done it', async () => {
    const restore = tables.timeOut(({ method }) => method === 'POST');
    await expect(table.insert(keys('late'), soon())).rejects.toThrow(StateUnavailableError);
    restore();
    expect(await table.get('p', 'late', soon())).toMatchObject(keys('late'));
    expect(await table.get('p', 'busy', soon())).toBeUndefined();
  });
});

describe('queue storage behind the proxy', () => {
  it('takes a message of 64 KiB, refuses a longer one, and can be busy', async () => {
    const queue = new QueueClient(queues.inFrontOf(azurite.connectionString), 'limits', {
      retryOptions: { maxTries: 1 },
    });
    await queue.createIfNotExists();
    await queue.sendMessage('x'.repeat(64 * 1024));
    await expect(queue.sendMessage('x'.repeat(64 * 1024 + 1))).rejects.toMatchObject({
      statusCode: 400,
      code: 'MessageTooLarge',
    });
    const restore = queues.busy(({ method }) => method === 'POST');
    await expect(queue.sendMessage('x')).rejects.toMatchObject({ statusCode: 503, code: 'ServerBusy' });
    restore();
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });
});
