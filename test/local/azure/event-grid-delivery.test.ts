import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import type { AttemptReport } from '../../../local/azure/event-grid/attempt-report.ts';
import type { EventGridBehaviour } from '../../../local/azure/event-grid/behaviour.ts';
import { EventGrid } from '../../../local/azure/event-grid/event-grid.ts';
import type { SubscriptionOptions } from '../../../local/azure/event-grid/subscription.ts';
import { startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

const minute = 60_000;

let clock: ManualClock;
let closing: AbortController;
let receiver: WebHookReceiver;
let eventGrid: EventGrid;
let reports: AttemptReport[];

const event = (id: string) => ({
  id,
  topic: '/subscriptions/s/resourceGroups/rg',
  subject: '/subscriptions/s/resourceGroups/rg/providers/p/t/n',
  eventType: 'Test.Happened',
  eventTime: '2026-01-01T00:00:00Z',
  data: {},
  dataVersion: '1',
  metadataVersion: '1',
});

function start(behaviour: Partial<EventGridBehaviour> = {}, seed = 1): void {
  eventGrid = new EventGrid({ clock, lifetime: closing.signal, behaviour, seed });
  eventGrid.onAttempt((report) => reports.push(report));
}

const subscribe = (options: Partial<SubscriptionOptions> = {}) =>
  eventGrid.subscribe({ name: 'test', url: receiver.url, ...options });

beforeEach(async () => {
  clock = new ManualClock();
  closing = new AbortController();
  reports = [];
  receiver = await startReceiver();
  start();
});

afterEach(async () => {
  closing.abort();
  await receiver.close();
});

/** Ends every attempt that is due within `ms`, with the clock at the end of that time. */
async function pass(ms: number): Promise<void> {
  const end = clock.now() + ms;
  for (;;) {
    await eventGrid.idle({ dueWithinMs: 0 });
    if (clock.now() >= end) return;
    await clock.advance(Math.min(1000, end - clock.now()));
  }
}

describe('a delivery', () => {
  it('carries one event in an array, and the headers of Event Grid', async () => {
    await subscribe();
    eventGrid.publish(event('one'));
    await eventGrid.idle();
    const [delivery] = receiver.deliveries;
    expect(delivery?.events).toEqual([event('one')]);
    expect(Object.fromEntries(delivery?.headers ?? [])).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'TEST',
      'aeg-delivery-count': '0',
      'aeg-data-version': '1',
      'aeg-metadata-version': '1',
    });
    expect(eventGrid.counts()).toEqual({
      matched: 1,
      delivered: 1,
      attempts: 1,
      retried: 0,
      duplicated: 0,
      deadLettered: 0,
    });
  });

  it('carries a single bare CloudEvent where that schema is subscribed', async () => {
    await subscribe({ schema: 'CloudEventSchemaV1_0' });
    eventGrid.publish(event('one'));
    await eventGrid.idle();
    const [delivery] = receiver.deliveries;
    expect(delivery?.headers.get('content-type')).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(delivery?.text ?? '')).toEqual({
      specversion: '1.0',
      id: 'one',
      source: '/subscriptions/s/resourceGroups/rg',
      subject: '/subscriptions/s/resourceGroups/rg/providers/p/t/n',
      type: 'Test.Happened',
      time: '2026-01-01T00:00:00Z',
      data: {},
    });
  });

  it('unites events into batches of the given size where asked to', async () => {
    await subscribe({ batch: { maxEvents: 2, preferredKilobytes: 64 } });
    for (const id of ['one', 'two', 'three']) eventGrid.publish(event(id));
    await eventGrid.idle();
    expect(receiver.deliveries.map(({ events }) => events.length)).toEqual([2, 1]);
    expect(reports).toHaveLength(3);
  });

  it('repeats a whole batch when it fails', async () => {
    await subscribe({ batch: { maxEvents: 10, preferredKilobytes: 64 } });
    receiver.answer(() => (receiver.deliveries.length === 1 ? 500 : 202));
    for (const id of ['one', 'two']) eventGrid.publish(event(id));
    await pass(15_000);
    expect(receiver.ids()).toEqual(['one', 'two', 'one', 'two']);
    expect(receiver.deliveries.map(({ events }) => events.length)).toEqual([2, 2]);
  });

  it('unites only events with the same number of attempts', async () => {
    await subscribe({ batch: { maxEvents: 10, preferredKilobytes: 64 } });
    receiver.answer(() => (receiver.deliveries.length === 1 ? 500 : 202));
    eventGrid.publish(event('one'));
    await eventGrid.idle({ dueWithinMs: 0 });
    const due = reports[0]?.willRetryInMs ?? 0;
    eventGrid.change({ delayMs: [due, due] });
    eventGrid.publish(event('two'));
    await pass(15_000);
    expect(receiver.deliveries.map(({ events }) => events.length)).toEqual([1, 1, 1]);
    const counts = receiver.deliveries.map(({ headers }) => headers.get('aeg-delivery-count'));
    expect(counts.sort()).toEqual(['0', '0', '1']);
  });

  it('goes to the named subscriptions only, whatever their filters, when a test names them', async () => {
    await subscribe({ name: 'first', includedEventTypes: ['Other'] });
    await subscribe({ name: 'second' });
    eventGrid.publish({ anything: true }, ['FIRST']);
    await eventGrid.idle();
    expect(receiver.deliveries.map(({ headers }) => headers.get('aeg-subscription-name'))).toEqual(['FIRST']);
    expect(() => eventGrid.publish(event('one'), ['third'])).toThrow('there is no event subscription third');
  });
});

describe('a failed delivery', () => {
  it('is repeated after 10 s, 30 s, 1, 5 and 10 minutes and a little more, until it succeeds', async () => {
    await subscribe();
    receiver.answer(() => (receiver.deliveries.length <= 5 ? 500 : 204));
    eventGrid.publish(event('one'));
    await pass(20 * minute);
    expect(receiver.ids()).toHaveLength(6);
    const delays = reports.map(({ willRetryInMs }) => willRetryInMs);
    for (const [index, least] of [10_000, 30_000, minute, 5 * minute, 10 * minute].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(least);
      expect(delays[index]).toBeLessThanOrEqual(1.1 * least);
    }
    expect(delays[5]).toBeUndefined();
    expect(receiver.deliveries.map(({ headers }) => headers.get('aeg-delivery-count'))).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect(eventGrid.counts()).toMatchObject({ delivered: 1, attempts: 6, retried: 5 });
  });

  it('is one whose connection breaks, reported with its reason', async () => {
    await subscribe();
    receiver.answer(() => (receiver.deliveries.length === 1 ? undefined : 200));
    eventGrid.publish(event('one'));
    await pass(15_000);
    expect(reports).toMatchObject([
      { attempt: 1, status: undefined, error: expect.stringMatching(/./) },
      { attempt: 2, status: 200, error: undefined },
    ]);
  });

  it('is one that is not answered within 30 s of the clock', async () => {
    start({ leastRealAnswerMs: 0 });
    await subscribe();
    const arrived = Promise.withResolvers<void>();
    receiver.answer(() => {
      if (receiver.deliveries.length > 1) return 200;
      arrived.resolve();
      return new Promise(() => undefined);
    });
    eventGrid.publish(event('one'));
    await arrived.promise;
    await clock.advance(29_999);
    expect(reports).toEqual([]);
    await clock.advance(1);
    await eventGrid.idle({ dueWithinMs: 0 });
    expect(reports).toMatchObject([
      { attempt: 1, error: 'no answer in time', willRetryInMs: expect.any(Number) },
    ]);
    await pass(15_000);
    expect(reports).toMatchObject([{}, { attempt: 2, status: 200 }]);
  });

  it('does not count as late in real time while the clock runs fast', async () => {
    start({ leastRealAnswerMs: 60_000 });
    await subscribe();
    const [arrived, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    receiver.answer(async () => {
      arrived.resolve();
      await go.promise;
      return 200;
    });
    eventGrid.publish(event('one'));
    await arrived.promise;
    await clock.advance(10 * minute);
    go.resolve();
    await eventGrid.idle();
    expect(reports).toMatchObject([{ attempt: 1, status: 200 }]);
  });

  it('ends with its subscription', async () => {
    await subscribe();
    receiver.answer(() => 500);
    eventGrid.publish(event('one'));
    await eventGrid.idle({ dueWithinMs: 0 });
    expect(eventGrid.unsubscribe('TEST')).toBe(true);
    await eventGrid.idle();
    await clock.advance(minute);
    expect(receiver.deliveries).toHaveLength(1);
  });
});

describe('duplicates and delays', () => {
  it('leave the consequences of a failure to one of the copies', async () => {
    start({ duplicateProbability: 0.5 });
    await subscribe({ maxDeliveryAttempts: 1 });
    receiver.answer(() => 500);
    for (let id = 0; id < 10; id += 1) eventGrid.publish(event(String(id)));
    await eventGrid.idle();
    expect(eventGrid.counts().duplicated).toBeGreaterThan(0);
    expect(eventGrid.deadLetters.map(({ letter }) => letter['id']).sort()).toEqual([...'0123456789']);
  });

  const publishMany = async (seed: number): Promise<unknown[]> => {
    start({ duplicateProbability: 0.5, delayMs: [1000, 20_000] }, seed);
    await subscribe();
    const before = receiver.deliveries.length;
    for (let id = 0; id < 20; id += 1) eventGrid.publish(event(String(id)));
    await eventGrid.idle({ dueWithinMs: 999 });
    expect(receiver.deliveries).toHaveLength(before);
    // In steps of one event, so that arrivals cannot overtake each other on the way.
    while (eventGrid.counts().attempts < 20 + eventGrid.counts().duplicated || clock.sleeping > 0) {
      await clock.advance(10);
      await eventGrid.idle({ dueWithinMs: 0 });
    }
    return receiver.ids().slice(before);
  };

  it('deliver every event at least once, some more often, and out of order', async () => {
    const ids = await publishMany(7);
    expect(new Set(ids).size).toBe(20);
    expect(ids.length).toBeGreaterThan(20);
    expect(ids).not.toEqual([...ids].sort((a, b) => Number(a) - Number(b)));
    expect(eventGrid.counts()).toMatchObject({ delivered: 20, duplicated: ids.length - 20 });
  });

  it('are the same for the same seed', async () => {
    const ids = await publishMany(7);
    expect(await publishMany(7)).toEqual(ids);
    expect(await publishMany(8)).not.toEqual(ids);
  });

  it('are absent by default', async () => {
    await subscribe();
    for (let id = 0; id < 20; id += 1) eventGrid.publish(event(String(id)));
    await eventGrid.idle();
    expect(receiver.ids()).toHaveLength(20);
  });
});

it('idle() waits for what is due exactly at the end of the time asked for', async () => {
  start({ delayMs: [1000, 1000] });
  await subscribe();
  eventGrid.publish(event('one'));
  await eventGrid.idle({ dueWithinMs: 999 });
  const idle = eventGrid.idle({ dueWithinMs: 1000 });
  expect(receiver.deliveries).toEqual([]);
  await clock.advance(1000);
  await idle;
  expect(receiver.deliveries).toHaveLength(1);
});

it('idle() leaves aside what is due later than asked for', async () => {
  await subscribe();
  receiver.answer(() => 500);
  eventGrid.publish(event('one'));
  await eventGrid.idle({ dueWithinMs: 9000 });
  let isIdle = false;
  const idle = eventGrid.idle({ dueWithinMs: 12_000 }).then(() => {
    isIdle = true;
  });
  await clock.advance(9000);
  expect(isIdle).toBe(false);
  await clock.advance(3000);
  await idle;
  expect(receiver.deliveries).toHaveLength(2);
});
