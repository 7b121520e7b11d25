import { describe, expect, it } from 'vitest';
import { forgetFinished } from '../../src/replication/retention.ts';
import {
  anImage,
  at,
  d1,
  d2,
  dayMs,
  digestNumber,
  hourMs,
  idOf,
  noDeadline,
  push,
  tagOf,
} from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { CrashError, type Hooks } from './in-memory-ledger.ts';

const regions = ['eastus', 'westus'];
const everywhere = (seconds: number, digest = d1) =>
  regions.map((region) => push(seconds, { region, digest }));
const retentionMs = 30 * dayMs;

async function recordAll(app: InMemoryApp, notifications: readonly ReturnType<typeof push>[]): Promise<void> {
  for (const notification of notifications) await app.process().record(notification);
}
const forget = (app: InMemoryApp, hooks: Hooks = {}) =>
  forgetFinished(app.ledger.process(hooks).ledger, app.nowMs - retentionMs, noDeadline);

/** An app with one image that was finished some ms ago. */
async function finishedFor(ms: number): Promise<InMemoryApp> {
  const app = new InMemoryApp(regions);
  await recordAll(app, everywhere(1));
  await app.process().review();
  app.nowMs += ms;
  return app;
}

describe('forgetting finished images', () => {
  it('forgets those that were finished before the time, with the entries of their tags', async () => {
    const app = await finishedFor(retentionMs + 1);
    expect(await forget(app)).toBe(1);
    expect(app.ledger.imageCount).toBe(0);
    expect(app.ledger.candidates(tagOf())).toEqual([]);
    expect(app.ledger.finishedEntries).toEqual([]);
  });

  it('keeps those that were finished since', async () => {
    const app = await finishedFor(retentionMs);
    expect(await forget(app)).toBe(0);
    expect(app.ledger.imageCount).toBe(1);
  });

  it('keeps the tag when it points at another image too', async () => {
    const app = await finishedFor(29 * dayMs);
    await recordAll(app, everywhere(2, d2));
    await app.process().review();
    app.nowMs += 2 * dayMs;
    expect(await forget(app)).toBe(1);
    expect(app.ledger.candidates(tagOf())).toMatchObject([{ digest: d2 }]);
  });

  it('keeps an image that was opened again, until it has been finished for that long again', async () => {
    const app = await finishedFor(29 * dayMs);
    await app.process().record(push(9, { tag: 'again' }));
    app.nowMs += 2 * dayMs;
    await forget(app);
    expect(app.ledger.imageCount).toBe(1);
    await app.process().record(push(9, { tag: 'again', region: 'westus' }));
    await app.process().review();
    app.nowMs += 29 * dayMs;
    await forget(app);
    expect(app.ledger.imageCount).toBe(1);
    app.nowMs += 2 * dayMs;
    await forget(app);
    expect(app.ledger.imageCount).toBe(0);
  });

  it('keeps an image that was finished later than an entry says which a crash left', async () => {
    const app = await finishedFor(29 * dayMs);
    const [entry] = app.ledger.finishedEntries;
    if (entry === undefined) throw new Error('nothing was finished');
    const { finished } = app.ledger.process({}).ledger;
    await finished.add([{ ...entry, finishedAtMs: app.nowMs - 2 * retentionMs }], noDeadline);
    expect(await forget(app)).toBe(1);
    expect(app.ledger.imageCount).toBe(1);
    expect(app.ledger.finishedEntries).toEqual([entry]);
    expect(app.ledger.candidates(tagOf())).toHaveLength(1);
  });

  it('keeps an image with a notice beside it', async () => {
    const app = await finishedFor(retentionMs + 1);
    const notice = { notification: push(9, { tag: 'again' }), receivedAtMs: app.nowMs };
    await app.ledger.process().ledger.images.append(idOf(), [notice], noDeadline);
    expect(await forget(app)).toBe(0);
    expect(app.ledger.imageCount).toBe(1);
  });

  it('ends with its time, and has removed the entries of what it has forgotten', async () => {
    const app = new InMemoryApp(regions);
    app.nowMs += retentionMs + 1;
    const { finished } = app.ledger.process().ledger;
    for (let index = 0; index < 150; index += 1) {
      const id = idOf(digestNumber(index));
      app.ledger.put(anImage({ id, finishedAtMs: at(0) }));
      await finished.add([{ id, generation: 1, finishedAtMs: at(0) }], noDeadline);
    }
    const controller = new AbortController();
    let removed = 0;
    const forgetting = app.ledger.process({
      before: ({ name }) => {
        if (name === 'images.remove') removed += 1;
        if (removed === 10) controller.abort();
      },
    });
    const deadline = { ...noDeadline, signal: controller.signal };
    const forgotten = await forgetFinished(forgetting.ledger, app.nowMs - retentionMs, deadline);
    expect(forgotten).toBeLessThan(30);
    expect(app.ledger.imageCount).toBe(150 - forgotten);
    expect(app.ledger.finishedEntries).toHaveLength(150 - forgotten);
    expect(forgetting.operations.filter(({ name }) => name === 'finished.page')).toHaveLength(1);
  });

  it('keeps an image that changes at this moment', async () => {
    const app = await finishedFor(retentionMs + 1);
    const changing: Hooks = {
      before: async ({ name }) => {
        if (name === 'images.remove') await app.process().record(push(9, { tag: 'again' }));
      },
    };
    expect(await forget(app, changing)).toBe(0);
    expect(app.ledger.imageCount).toBe(1);
    expect(app.ledger.openEntries).toHaveLength(1);
  });

  it('keeps the tag of an image that is pushed again while it is forgotten', async () => {
    const app = await finishedFor(retentionMs + 1);
    const mayWrite = Promise.withResolvers<void>();
    const hasTag = Promise.withResolvers<void>();
    const pushing = app
      .process({
        before: async ({ name }) => {
          if (name !== 'images.update') return;
          hasTag.resolve();
          await mayWrite.promise;
        },
      })
      .record(push(40 * 86_400));
    await hasTag.promise;
    const forgetting: Hooks = {
      before: async ({ name }) => {
        if (name !== 'images.remove') return;
        mayWrite.resolve();
        await pushing;
      },
    };
    await forget(app, forgetting);
    expect(app.ledger.candidates(tagOf())).toMatchObject([{ digest: d1 }]);
    expect((await app.process().ask('v1'))?.image.id.digest).toBe(d1);
  });

  it('keeps the tag of an image that is pushed again right after it was removed', async () => {
    const app = await finishedFor(retentionMs + 1);
    const again = push(40 * 86_400);
    const forgetting: Hooks = {
      before: async ({ name }) => {
        if (name === 'tags.forget') await app.process().record(again);
      },
    };
    expect(await forget(app, forgetting)).toBe(1);
    expect(app.ledger.candidates(tagOf())).toEqual([{ digest: d1, atMs: again.at.getTime() }]);
  });

  it('forgets the tags that a crash has left', async () => {
    const app = await finishedFor(retentionMs + 1);
    const crash = new CrashError('before the tags');
    await expect(
      forget(app, {
        before: ({ name }) => {
          if (name === 'tags.forget') throw crash;
        },
      }),
    ).rejects.toBe(crash);
    expect(app.ledger.candidates(tagOf())).toHaveLength(1);
    await forget(app);
    expect(app.ledger.candidates(tagOf())).toEqual([]);
    expect(app.ledger.finishedEntries).toEqual([]);
  });

  it('is not undone by a notification from before the retention, such as a dead letter', async () => {
    const app = await finishedFor(retentionMs + hourMs);
    await forget(app);
    expect(await app.process().record(push(1))).toBe('outdated');
    expect(app.ledger.imageCount).toBe(0);
    expect(app.ledger.openEntries).toEqual([]);
    app.nowMs += hourMs;
    await app.process().review();
    expect(app.signals('evenkeel.registry.replicationStalled')).toEqual([]);
  });

  it('keeps an image that was pushed again after a crash in the middle of it', async () => {
    const app = await finishedFor(retentionMs + 1);
    const crash = new CrashError('as if it had crashed');
    const crashing: Hooks = {
      before: ({ name }) => {
        if (name === 'finished.remove') throw crash;
      },
    };
    await expect(forget(app, crashing)).rejects.toBe(crash);
    expect(app.ledger.imageCount).toBe(0);
    await recordAll(app, everywhere(9));
    await app.process().review();
    await forget(app);
    expect(app.ledger.imageCount).toBe(1);
    expect(app.ledger.finishedEntries).toHaveLength(1);
  });

  it('goes on after an empty page', async () => {
    const app = await finishedFor(retentionMs + 1);
    const { ledger } = app.ledger.process();
    const finished = {
      ...ledger.finished,
      async *pagesBefore(timeMs: number) {
        yield [];
        yield* ledger.finished.pagesBefore(timeMs, noDeadline);
      },
    };
    expect(await forgetFinished({ ...ledger, finished }, app.nowMs - retentionMs, noDeadline)).toBe(1);
  });

  it('costs two operations an image, and forgets two thousand images at most', async () => {
    const app = new InMemoryApp(regions);
    app.nowMs += retentionMs + 1;
    const ids = Array.from({ length: 2500 }, (_, index) => idOf(`sha256:${String(index).padStart(64, '0')}`));
    const { ledger } = app.ledger.process();
    for (const id of ids) app.ledger.put(anImage({ id, finishedAtMs: at(0) }));
    await ledger.finished.add(
      ids.map((id) => ({ id, generation: 1, finishedAtMs: at(0) })),
      noDeadline,
    );
    const forgetting = app.ledger.process();
    expect(await forgetFinished(forgetting.ledger, app.nowMs - retentionMs, noDeadline)).toBe(2000);
    expect(app.ledger.imageCount).toBe(500);
    // A read and a removal for each image; a page, and the removal of its entries, for a hundred.
    expect(forgetting.operations.length).toBe(2 * 2000 + 2 * 20);
  });
});

describe('an image that is never complete', () => {
  it('is given up after the retention too', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    app.nowMs += retentionMs + 1;
    await app.process().review();
    expect(app.ledger.imageCount).toBe(0);
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.ledger.candidates(tagOf())).toEqual([]);
  });

  it('is not given up for being first seen long ago, when it was opened again since', async () => {
    const app = await finishedFor(29 * dayMs);
    await app.process().record(push(9, { tag: 'again' }));
    app.nowMs += 2 * dayMs;
    await app.process().review();
    expect(app.ledger.imageCount).toBe(1);
    app.nowMs += 28 * dayMs + hourMs;
    await app.process().review();
    expect(app.ledger.imageCount).toBe(0);
  });
});
