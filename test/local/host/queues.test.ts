import { randomUUID } from 'node:crypto';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FixtureHost, startFixtureHost } from './fixture-host.ts';
import { type QueueStorage, startQueueStorage } from './queue-storage.ts';

let storage: QueueStorage;
let host: FixtureHost;
let orders: QueueClient;
let poison: QueueClient;

const leaseSeconds = 2;

beforeAll(async () => {
  storage = await startQueueStorage();
  const service = QueueServiceClient.fromConnectionString(storage.connectionString);
  orders = service.getQueueClient('orders');
  poison = service.getQueueClient('orders-poison');
  host = await startOrderHost();
});
afterAll(async () => {
  await host?.kill();
  await storage?.stop();
});

const startOrderHost = () =>
  startFixtureHost({
    args: ['--queue-lease', String(leaseSeconds)],
    env: { ORDERS: storage.connectionString, ORDER_QUEUE: 'Orders' },
  });

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64').toString();
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
const sawDish = (dish: string) => (entry: Record<string, unknown>) =>
  entry['saw'] === 'order' && JSON.stringify(entry).includes(dish);
const deliveries = async (dish: string) => (await host.journal()).filter(sawDish(dish));
const isEmpty = async () => {
  expect((await orders.getProperties()).approximateMessagesCount).toBe(0);
};
const poisoned = async () =>
  (await poison.exists()) ? (await poison.peekMessages({ numberOfMessages: 32 })).peekedMessageItems : [];

async function send(message: object): Promise<string> {
  const dish = randomUUID();
  await orders.createIfNotExists();
  await orders.sendMessage(encode(JSON.stringify({ dish, ...message })));
  return dish;
}

describe('a queue function', () => {
  it('gets the message as an object, with what the queue knows of it, and the message is gone', async () => {
    const dish = await send({ count: 2 });
    expect(await host.seen(sawDish(dish))).toEqual({
      saw: 'order',
      order: { dish, count: 2 },
      metadata: {
        queueTrigger: { dish, count: 2 },
        id: expect.stringMatching(/^[\w-]{36}$/),
        dequeueCount: 1,
        popReceipt: expect.any(String),
        insertionTime: expect.stringMatching(/^\d{4}-.*Z$/),
        expirationTime: expect.stringMatching(/^\d{4}-.*Z$/),
        nextVisibleTime: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
    await eventually(isEmpty);
    expect(await host.line("Reason='New queue message detected on 'orders'.'")).toContain(
      "'Functions.takeOrder'",
    );
  });

  it('runs for many messages at once', async () => {
    const gate = randomUUID();
    // More than newBatchThreshold, which is the number in hand up to which more are taken.
    const dishes = await Promise.all(Array.from({ length: 9 }, () => send({ waitsFor: gate })));
    for (const dish of dishes) await host.seen(sawDish(dish));
    await fetch(`${host.url}/api/release/${gate}`, { method: 'POST' });
    await eventually(isEmpty);
  });

  it('gets a message again after a failure, and the message is set aside for a week after the last one', async () => {
    const dish = await send({ fails: true });
    await host.line("Message has reached MaxDequeueCount of 2. Moving message to queue 'orders-poison'.");
    const lives = await vi.waitFor(
      async () => {
        const found = (await poisoned()).find(({ messageText }) => decode(messageText).includes(dish));
        if (found === undefined) throw new Error('it is not set aside');
        return found.expiresOn.getTime() - found.insertedOn.getTime();
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(lives).toBe(7 * 24 * 60 * 60 * 1000);
    expect((await deliveries(dish)).map((entry) => entry['metadata'])).toMatchObject([
      { dequeueCount: 1 },
      { dequeueCount: 2 },
    ]);
    await eventually(isEmpty);
  });

  it('never sees a message that is not encoded as host.json says: it is set aside', async () => {
    const text = `plain ${randomUUID()}`;
    await orders.sendMessage(text);
    await eventually(async () => {
      expect((await poisoned()).map(({ messageText }) => messageText)).toContain(text);
    });
    await host.line('Message decoding has failed! Check MessageEncoding settings.');
  });

  it('keeps a message to itself for longer than the lease', async () => {
    const gate = randomUUID();
    const dish = await send({ waitsFor: gate });
    await host.seen(sawDish(dish));
    // Hidden still after the first lease has run out, because it was renewed.
    const leaseEnd = Date.now() + (leaseSeconds + 0.5) * 1000;
    await eventually(async () => expect(Date.now()).toBeGreaterThan(leaseEnd));
    await fetch(`${host.url}/api/release/${gate}`, { method: 'POST' });
    await eventually(isEmpty);
    expect(await deliveries(dish)).toHaveLength(1);
  });
});

describe('a host with messages in hand', () => {
  it('ends them before it stops, and the next host goes on with the others', async () => {
    await host.seen(sawDish(await send({ endsAfterStop: true })));
    expect(await host.stop()).toBe(0);
    await isEmpty();
    host = await startOrderHost();
    await host.seen(sawDish(await send({})));
  });

  it('that is killed loses none: they come again when their lease is over', async () => {
    const dish = await send({ waitsFor: 'never' });
    await host.seen(sawDish(dish));
    await host.kill();
    host = await startOrderHost();
    expect(await host.seen(sawDish(dish))).toMatchObject({ metadata: { dequeueCount: 2 } });
  });

  it('lives on while its storage is away, says so once, and goes on afterwards', async () => {
    await storage.stop();
    await host.line("The queue 'orders' cannot be read, and will be tried again");
    storage = await startQueueStorage(storage.port);
    await host.line("The queue 'orders' can be read again");
    // The new storage holds nothing. The host leaves it to the app to make the queue, as the runtime does.
    expect(await orders.exists()).toBe(false);
    await host.seen(sawDish(await send({})));
    expect(host.lines.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
  });
});
