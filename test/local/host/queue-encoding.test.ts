import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FixtureHost, startFixtureHost } from './fixture-host.ts';
import { type QueueStorage, startQueueStorage } from './queue-storage.ts';

let storage: QueueStorage;
let host: FixtureHost;
let orders: QueueClient;
let poison: QueueClient;

beforeAll(async () => {
  storage = await startQueueStorage();
  const service = QueueServiceClient.fromConnectionString(storage.connectionString);
  orders = service.getQueueClient('orders');
  poison = service.getQueueClient('orders-poison');
  host = await startFixtureHost({
    directory: fileURLToPath(new URL('./fixture-app-unencoded', import.meta.url)),
    env: { ORDERS: storage.connectionString, ORDER_QUEUE: 'orders' },
  });
});
afterAll(async () => {
  await host?.kill();
  await storage?.stop();
});

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
const send = async (text: string) => {
  await orders.createIfNotExists();
  await orders.sendMessage(text);
};
const saw = (text: string) => (entry: Record<string, unknown>) =>
  entry['saw'] === 'order' && JSON.stringify(entry).includes(text);

describe('a host whose host.json says that messages are not encoded', () => {
  it('gives a function the JSON of a message as it was sent', async () => {
    const dish = randomUUID();
    await send(JSON.stringify({ dish }));
    expect(await host.seen(saw(dish))).toMatchObject({ order: { dish }, metadata: { dequeueCount: 1 } });
  });

  it('does not decode what happens to be base64', async () => {
    const text = Buffer.from(randomUUID()).toString('base64');
    await send(text);
    expect(await host.seen(saw(text))).toMatchObject({ order: text });
  });

  it('sets a message aside as it was sent', async () => {
    const text = JSON.stringify({ dish: randomUUID(), fails: true });
    await send(text);
    await eventually(async () => {
      const { peekedMessageItems } = await poison.peekMessages({ numberOfMessages: 32 });
      expect(peekedMessageItems.map(({ messageText }) => messageText)).toContain(text);
    });
  });
});
