import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/lib/log.ts';
import { topicOutbox } from '../../src/replication/outbox.ts';
import { imageStore } from '../../src/replication/store.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { anImage, at, digestNumber, idOf, minuteMs, noDeadline, noLog, push, registry } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { InMemoryLedger } from './in-memory-ledger.ts';

/** An app whose topic refuses what the test says, and one process of it. */
function anApp(isRefused: (signals: readonly Signal[]) => boolean) {
  const app = new InMemoryApp(['eastus']);
  let attempts = 0;
  app.onPublish = (signals) => {
    attempts += 1;
    if (isRefused(signals)) throw new Error('the topic does not take it');
  };
  return { app, one: app.process(), attempts: () => attempts };
}
const digestsOf = (signals: readonly Signal[]) => signals.map(({ data }) => String(data['digest']));

describe('signals that a topic refuses', () => {
  it('delay no others: of 1,000 with 2 % refused, 980 go out at once, and the rest when they are taken', async () => {
    const refused = new Set(Array.from({ length: 20 }, (_, index) => digestNumber(index * 50)));
    let isMended = false;
    const { app, one } = anApp(
      (signals) => !isMended && digestsOf(signals).some((digest) => refused.has(digest)),
    );
    for (let index = 0; index < 1_000; index += 1) {
      await one.record(push(1 + index / 1_000, { digest: digestNumber(index) }));
    }
    expect(app.signals()).toHaveLength(980);
    isMended = true;
    app.nowMs += minuteMs;
    await one.review();
    expect(app.signals()).toHaveLength(1_000);
  });

  it('delay no others of the same image', async () => {
    const { app, one } = anApp((signals) => signals.some(({ subject }) => subject === 'team/app:bad'));
    app.directory.hold();
    for (const tag of ['bad', 'good', 'better']) await one.record(push(1, { tag }));
    app.directory.hold('eastus');
    await one.record(push(2, { tag: 'last' }));
    await one.review();
    expect(
      app
        .signals()
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual([...['team/app:better', 'team/app:good', 'team/app:last']]);
    expect(app.published).toHaveLength(3);
    expect(app.ledger.image(idOf())?.outbox.map(({ subject }) => subject)).toEqual(['team/app:bad']);
  });

  it('are tried less and less often', async () => {
    const { app, one, attempts } = anApp(() => true);
    await one.record(push(1));
    for (let minutes = 0; minutes < 120; minutes += 1) {
      app.nowMs += minuteMs;
      await one.review();
    }
    expect(attempts()).toBeLessThan(14);
    app.onPublish = () => {};
    app.nowMs += 61 * minuteMs;
    await one.review();
    expect(app.signals()).toHaveLength(1);
  });
});

describe('a topic that is down', () => {
  it('is tried seldom, whatever is to be published', async () => {
    const { one, attempts } = anApp(() => true);
    for (let index = 0; index < 200; index += 1) await one.record(push(1, { digest: digestNumber(index) }));
    expect(attempts()).toBe(3);
  });
});

describe('an outbox', () => {
  const signalOf = (id: string, seconds: number): Signal => ({
    ...{ id, type: 'evenkeel.registry.replicated', source: registry.id, subject: id },
    data: { at: new Date(at(seconds)).toISOString() },
  });

  /** An image with two signals that are not published, and the outbox of a process. */
  async function holding(
    isRefused: (signals: readonly Signal[]) => boolean | Promise<boolean> = () => false,
    waiting = [signalOf('late', 15), signalOf('early', 5)],
  ) {
    const all = new InMemoryLedger(() => new Date(at(20)));
    all.put(anImage({ outbox: waiting }));
    const now = () => new Date(at(20));
    const store = imageStore({ ledger: all.process().ledger, now, sleep: async () => {}, random: () => 0 });
    const sent: string[][] = [];
    const ages: number[] = [];
    const warnings: [message: string, signals: unknown][] = [];
    const publish = async (signals: readonly Signal[]) => {
      sent.push(signals.map(({ id }) => id));
      if (await isRefused(signals)) throw new Error('the topic does not take it');
    };
    const outbox = topicOutbox({
      store,
      publisher: { publish },
      now,
      onPublished: (ms) => void ages.push(ms),
    });
    const stored = await store.read(idOf(), noDeadline);
    if (stored === undefined) throw new Error('it is not stored');
    const log = {
      ...noLog,
      warn: (message: string, fields: LogFields) => void warnings.push([message, fields['signals']]),
    };
    const flush = (deadline = noDeadline) => outbox.flush(stored, deadline, log);
    const { images } = all.process().ledger;
    const forget = () => images.remove(idOf(), stored.version, noDeadline);
    const flushNothing = () =>
      outbox.flush({ ...stored, image: { ...stored.image, outbox: [] } }, noDeadline, log);
    return {
      all,
      flushNothing,
      flush,
      forget,
      stored,
      sent,
      ages,
      warnings,
      left: () => all.image(idOf())?.outbox.map(({ id }) => id),
    };
  }

  it('publishes what waits together, tells the age of the oldest, and publishes nothing twice', async () => {
    const { flush, sent, ages, left } = await holding();
    const after = await flush();
    expect(after.image.outbox).toEqual([]);
    // The caller still has the image as it was before.
    await flush();
    expect({ sent, ages, left: left() }).toEqual({ sent: [['late', 'early']], ages: [15_000], left: [] });
  });

  it('returns the image as it was where that is forgotten meanwhile', async () => {
    const { flush, forget, stored } = await holding();
    await forget();
    expect(await flush()).toBe(stored);
  });

  it('waits for nobody where there is nothing to publish', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { flush, flushNothing } = await holding(() => promise);
    const flushing = flush();
    expect((await flushNothing()).image.outbox).toEqual([]);
    resolve(false);
    await flushing;
  });

  it('leaves an image alone from which others have removed what it published too', async () => {
    const { all, flush, stored } = await holding();
    const { ledger } = all.process();
    const { version, image } = stored;
    await ledger.images.update({ ...image, outbox: [] }, version, noDeadline, []);
    const before = all.image(idOf());
    await flush();
    expect(all.image(idOf())).toBe(before);
  });

  it('publishes nothing when its time is over', async () => {
    const { flush, sent } = await holding();
    await flush({ ...noDeadline, remainingMs: () => 0 });
    expect(sent).toEqual([]);
  });

  it('tries each alone when they are refused together, and says how many it holds back', async () => {
    const { flush, sent, ages, warnings, left } = await holding((signals) =>
      signals.some(({ id }) => id === 'early'),
    );
    await flush();
    expect(sent).toEqual([['late', 'early'], ['late'], ['early']]);
    expect({ ages, warnings, left: left() }).toEqual({
      ages: [5_000],
      warnings: [['signal held back', 1]],
      left: ['early'],
    });
  });

  it('holds nothing back where each is taken alone', async () => {
    const { flush, warnings, left } = await holding((signals) => signals.length > 1);
    await flush();
    expect({ warnings, left: left() }).toEqual({ warnings: [], left: [] });
  });

  it('stops trying them alone when two have failed', async () => {
    const waiting = ['a', 'b', 'c'].map((id) => signalOf(id, 5));
    const { flush, sent, ages } = await holding(() => true, waiting);
    await flush();
    expect(sent).toEqual([['a', 'b', 'c'], ['a'], ['b']]);
    expect(ages).toEqual([]);
  });
});
