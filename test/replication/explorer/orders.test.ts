import { describe, expect, it } from 'vitest';
import type { Image } from '../../../src/replication/image.ts';
import type { Notification } from '../../../src/replication/notification.ts';
import { at, d1, hourMs, idOf, push } from '../fixtures.ts';
import { InMemoryApp } from '../in-memory-app.ts';

const regions = ['eastus', 'northeurope', 'southeastasia', 'westus'];

/** All different orders of a list in which each thing occurs twice. */
function* ordersOfTwice<T>(things: readonly T[]): Generator<readonly T[]> {
  const left = things.map(() => 2);
  const order: T[] = [];
  function* extend(): Generator<readonly T[]> {
    if (order.length === 2 * things.length) {
      yield [...order];
      return;
    }
    for (const [index, thing] of things.entries()) {
      if (left[index] === 0) continue;
      left[index] = (left[index] ?? 0) - 1;
      order.push(thing);
      yield* extend();
      order.pop();
      left[index] = (left[index] ?? 0) + 1;
    }
  }
  yield* extend();
}

/** What the ledger knows of an image, without the times when it learned it. */
function content(image: Image | undefined) {
  if (image === undefined) return undefined;
  const { expected, deletions, outbox, references } = image;
  return {
    expected,
    deletions,
    outbox,
    references: references.map(({ tag, facts, revertedAtMs, replicatedAtMs, stalledAtMs }) => ({
      tag,
      revertedAtMs,
      stalledAtMs,
      isReplicated: replicatedAtMs !== undefined,
      facts: facts.map(({ region, atMs, evidence }) => `${region} ${atMs} ${evidence}`).sort(),
    })),
  };
}

/** Sends each notification a second after the one before, to a number of processes in turn. */
async function recordInOrder(order: readonly Notification[], processes: number) {
  const app = new InMemoryApp(regions);
  const all = Array.from({ length: processes }, () => app.process());
  const reported = new Set<string>();
  const acknowledged: string[] = [];
  for (const [index, notification] of order.entries()) {
    app.nowMs = at(100 + index);
    const recorded = await all[index % processes]?.record(notification);
    if (notification.kind === 'push') reported.add(notification.region ?? '');
    acknowledged.push(String(recorded));
    // Never before every region reported, and at once when the last one did.
    const signals = reported.size === regions.length ? 1 : 0;
    if (app.published.length !== signals) throw new Error(`${app.published.length} signals, not ${signals}`);
  }
  app.nowMs = at(100) + hourMs;
  const last = app.process();
  await last.review();
  const byTag = await last.ask('v1');
  const byDigest = await last.ask(d1);
  return {
    signals: app.published.map(({ id, subject }) => ({ id, subject })),
    recorded: acknowledged.toSorted(),
    image: content(app.ledger.image(idOf())),
    answers: [byTag, byDigest].map((answer) => ({
      status: answer?.status,
      state: answer?.state,
      digest: answer?.image.id.digest,
      regions: answer?.regions,
    })),
    open: app.ledger.openEntries.length,
  };
}

/** The notifications of a push at 1 s and its copies, each with the time that the registry gives it. */
const pushWith = (timeOf: (index: number) => number): Notification[] =>
  regions.map((region, index) => push(timeOf(index), { region }));

const allOrders = 2520;
/** One in so many; all in the long form. */
const step = process.env['EVENKEEL_EXPLORE_SECONDS'] === undefined ? 7 : 1;
const explored = allOrders / step;

describe(`a push to four regions, each reported twice, ends the same in ${explored} of its ${allOrders} orders`, () => {
  // The explorer tries which process gets a notification; these are the two extremes.
  it.each([
    ['the time of the push, in one process', pushWith(() => 1), 1],
    ['a time of their own, in three processes', pushWith((index) => 1 + index), 3],
  ])(
    'when copies carry %s',
    async (_, notifications, processes) => {
      const expected = await recordInOrder([...notifications, ...notifications], processes);
      expect(expected.signals).toMatchObject([{ subject: 'team/app:v1' }]);
      expect(expected.answers).toMatchObject([
        { status: 200, state: 'replicated', digest: d1 },
        { status: 200, state: 'replicated', digest: d1 },
      ]);
      expect(expected.open).toBe(0);
      let orders = 0;
      for (const order of ordersOfTwice(notifications)) {
        orders += 1;
        if (orders % step !== 0) continue;
        const end = await recordInOrder(order, processes);
        // Comparing text is quick; the matcher shows the difference.
        if (JSON.stringify(end) !== JSON.stringify(expected)) expect(end).toEqual(expected);
      }
      expect(orders).toBe(allOrders);
    },
    60_000,
  );
});
