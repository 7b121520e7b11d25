import { describe, expect, it } from 'vitest';
import { StateUnavailableError } from '../../src/lib/errors.ts';
import { cellsOf } from '../../src/replication/copies-of-day.ts';
import type { ImageId } from '../../src/replication/image.ts';
import { throwImageFailures } from '../../src/replication/review.ts';
import {
  anImage,
  at,
  d1,
  dayMs,
  deletion,
  hourMs,
  idOf,
  loginServer,
  minuteMs,
  noDeadline,
  push,
} from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import type { Operation } from './in-memory-ledger.ts';

const regions = ['eastus', 'westus'];
const digestAt = (index: number): string => `sha256:${index.toString(16).padStart(64, '0')}`;
const everywhere = regions.map((region) => push(1, { region }));

async function recordAll(app: InMemoryApp, notifications = everywhere): Promise<void> {
  const one = app.process();
  for (const notification of notifications) await one.record(notification);
}

describe('a review', () => {
  it('moves finished images from one index to the other', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    const [entry] = app.ledger.openEntries;
    app.nowMs += minuteMs;
    expect(await app.process().review()).toMatchObject({
      open: 0,
      finished: 1,
      complete: true,
      failures: [],
    });
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.ledger.finishedEntries).toEqual([
      {
        ...{ id: idOf(), generation: entry?.generation, finishedAtMs: at(0) },
        tags: [{ tag: 'v1', atMs: at(1) }],
      },
    ]);
  });

  it('learns how long copies take from replicated images', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    app.nowMs += 20_000;
    await app.process().record(push(1, { region: 'westus' }));
    await app.process().review();
    const { ledger } = app.ledger.process();
    const known = await ledger.copyTimes.read(loginServer, noDeadline);
    expect(known?.times).toMatchObject({ eastus: { '100 B': [0] }, westus: { '100 B': [20_000] } });
    expect(cellsOf(known?.lastDay?.regions['westus'] ?? [])).toMatchObject([{ copies: 1 }]);
  });

  it('learns nothing from images that were deleted before they were replicated', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    await app.process().record(deletion(2));
    await app.process().review();
    expect(app.ledger.finishedEntries).toHaveLength(1);
    expect((await app.ledger.process().ledger.copyTimes.read(loginServer, noDeadline))?.times ?? {}).toEqual(
      {},
    );
  });

  it('learns nothing from superseded images', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app, [
      push(1),
      push(2, { digest: digestAt(7) }),
      push(2, { digest: digestAt(7), region: 'westus' }),
    ]);
    app.nowMs += hourMs;
    expect(await app.process().review()).toMatchObject({ finished: 2 });
    const known = await app.ledger.process().ledger.copyTimes.read(loginServer, noDeadline);
    expect(known?.times['eastus']).toEqual({ '100 B': [0], all: [0] });
  });

  it('counts the images that are late, by region, and those of which nobody can say whether they are', async () => {
    const app = new InMemoryApp(['eastus', 'northeurope', 'westus']);
    await recordAll(app, [
      push(1),
      push(1, { digest: digestAt(7), tag: 'v2' }),
      push(1, { digest: digestAt(7), tag: 'v2', region: 'westus' }),
    ]);
    app.manifests.has('northeurope', {});
    app.nowMs += hourMs;
    const { late, uncounted, open } = await app.process().review();
    expect(open).toBe(2);
    expect(late?.get(loginServer)).toEqual(new Map([['northeurope', 2]]));
    // Nobody can ask westus, so its silence says nothing.
    expect(uncounted?.get(loginServer)).toEqual(new Map([['westus', 1]]));
  });

  it('publishes signals that the topic did not take from another process', async () => {
    const app = new InMemoryApp(regions);
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    await recordAll(app);
    app.onPublish = () => {};
    await app.process().review();
    expect(app.signals()).toHaveLength(1);
    expect(app.ledger.finishedEntries).toHaveLength(1);
  });

  it('publishes signals at once that the topic did not take a moment ago', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process();
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    for (const notification of everywhere) await one.record(notification);
    app.onPublish = () => {};
    await one.review();
    expect(app.signals()).toHaveLength(1);
  });

  it('publishes signals of a registry that is no longer configured, and reviews none of its images', async () => {
    const app = new InMemoryApp(regions);
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    await recordAll(app, [...everywhere, push(1, { tag: 'late' })]);
    app.onPublish = () => {};
    app.isConfigured = false;
    app.nowMs += hourMs;
    expect(await app.process().review()).toMatchObject({ open: 1, finished: 0 });
    expect(app.published.map(({ subject }) => subject)).toEqual(['team/app:v1']);
  });

  it('leaves an image to the next review when a notification arrives in between', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    app.nowMs += hourMs;
    const other = app.process();
    let isReported = false;
    const reviewing = app.process({
      before: async ({ name }) => {
        if (name !== 'images.update' || isReported) return;
        isReported = true;
        await other.record(push(1, { region: 'westus' }));
      },
    });
    expect(await reviewing.review()).toMatchObject({ open: 0, finished: 1, failures: [] });
    expect(app.published.map(({ type }) => type)).toEqual(['evenkeel.registry.replicated']);
  });

  it('names the image that it could not review, and reviews the others', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app, [...everywhere, push(1, { digest: digestAt(7) })]);
    let reads = 0;
    const reviewing = app.process({
      before: ({ name }) => {
        if (name !== 'images.read') return;
        reads += 1;
        if (reads === 1) throw new StateUnavailableError('a read', 1000);
      },
    });
    const { failures, open, finished } = await reviewing.review();
    expect(failures).toMatchObject([
      { image: `myregistry.azurecr.io/team/app@${digestAt(7)}`, error: { name: 'StateUnavailableError' } },
    ]);
    expect({ open, finished }).toEqual({ open: 0, finished: 1 });
  });

  it('starts nothing more when its time is over, and is not complete', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    const ended = { signal: AbortSignal.abort(), remainingMs: () => 0 };
    expect(await app.process().review(ended)).toMatchObject({ open: 0, finished: 0, complete: false });
    expect(app.ledger.openEntries).toHaveLength(1);
  });
});

describe('a review of an image', () => {
  /** An image that misses a region for an hour, and a review whose first write or read meets this. */
  async function meeting(name: Operation['name'], meet: (app: InMemoryApp) => void | Promise<void>) {
    const woken: ImageId[] = [];
    const changes = () => ({ notify: (id: ImageId) => void woken.push(id), next: async () => {} });
    const app = new InMemoryApp(regions, { changes });
    await recordAll(app, [push(1)]);
    woken.length = 0;
    app.nowMs += hourMs;
    let isFirst = true;
    const reviewing = app.process({
      before: async (operation) => {
        if (operation.name !== name || !isFirst) return;
        isFirst = false;
        await meet(app);
      },
    });
    return { review: await reviewing.review(), woken };
  }
  const forget = async (app: InMemoryApp) => {
    const { images } = app.ledger.process().ledger;
    const stored = await images.read(idOf(), noDeadline);
    if (stored !== undefined) await images.remove(idOf(), stored.version, noDeadline);
  };

  it('wakes those who wait for it', async () => {
    const { review, woken } = await meeting('images.update', () => {});
    expect(review).toMatchObject({ open: 1, failures: [] });
    expect(woken).toContainEqual(idOf());
  });

  it('leaves one alone that is forgotten at this moment', async () => {
    expect((await meeting('images.update', forget)).review.failures).toEqual([]);
  });

  it.each([
    [
      'which cannot be stored',
      'images.update',
      new StateUnavailableError('an update', 1000),
      'an update failed',
    ],
    ['which fails with something that is no error', 'images.read', 'a word', 'a word'],
  ] as const)('names the one %s', async (_, name, error, message) => {
    const { review } = await meeting(name, () => {
      throw error;
    });
    expect(review.failures).toMatchObject([{ error: { message: expect.stringContaining(message) } }]);
  });

  it('writes nothing where there is nothing new, with a topic or without', async () => {
    const app = new InMemoryApp(regions, { hasTopic: false });
    await recordAll(app, [push(1)]);
    const reviewing = app.process();
    await reviewing.review();
    expect(reviewing.operations.map(({ name }) => name)).toEqual(['open.page', 'images.read']);
  });

  it('gives up one that is never complete after the time for which images are kept, and not before', async () => {
    const app = new InMemoryApp(regions, { retentionMs: hourMs });
    await recordAll(app, [push(1)]);
    app.nowMs += hourMs;
    await app.process().review();
    expect(app.ledger.imageCount).toBe(1);
    app.nowMs += 1;
    await app.process().review();
    expect([app.ledger.imageCount, app.ledger.openEntries]).toEqual([0, []]);
  });
});

describe('a review whose time is over', () => {
  /** Some images, and a review whose time ends with the n-th call of a name. */
  async function ending(images: number, name: Operation['name'], n: number) {
    const app = new InMemoryApp(regions);
    const one = app.process();
    for (let index = 0; index < images; index += 1)
      await one.record(push(1, { digest: digestAt(index), tag: `t${index}` }));
    const controller = new AbortController();
    let calls = 0;
    const reviewing = app.process({
      before: async (operation) => {
        if (operation.name !== name) return;
        calls += 1;
        if (calls !== n) return;
        // What others do meanwhile is done.
        await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        throw new StateUnavailableError('a read', 1000);
      },
    });
    const review = await reviewing.review({ ...noDeadline, signal: controller.signal });
    return { review, names: reviewing.operations.map((operation) => operation.name) };
  }

  it('before it has a page is not complete, and no failure', async () => {
    const { review } = await ending(1, 'open.page', 1);
    expect(review).toEqual({ open: 0, finished: 0, failures: [], complete: false });
  });

  it('leaves off before the next page', async () => {
    const { review, names } = await ending(101, 'images.read', 100);
    expect(review).toMatchObject({ open: 99, complete: false, failures: [] });
    expect(names.filter((name) => name === 'open.page')).toHaveLength(1);
  });

  it('is gone on with from the first image that it did not come to', async () => {
    const { review, names } = await ending(3, 'images.read', 1);
    expect(review).toMatchObject({ open: 2, complete: false });
    expect(names).not.toContain('open.position');
  });

  it('fails when storage refuses a page and there is time left', async () => {
    const app = new InMemoryApp(regions);
    const refused = new StateUnavailableError('a page', 1000);
    const before = ({ name }: Operation) => {
      if (name === 'open.page') throw refused;
    };
    await expect(app.process({ before }).review()).rejects.toBe(refused);
  });

  it('keeps what the last one knew of those that it could not review, and not of those that are finished', async () => {
    const app = new InMemoryApp(regions);
    app.manifests.has('westus', {});
    const pushed = [1, 2, 3, 4].map((index) => push(1, { digest: digestAt(index), tag: `t${index}` }));
    await recordAll(app, pushed);
    app.nowMs += hourMs;
    const controller = new AbortController();
    let isSecond = false;
    let reads = 0;
    const one = app.process({
      before: ({ name }) => {
        if (!isSecond || name !== 'images.read') return;
        reads += 1;
        if (reads === 4) controller.abort();
        if (reads > 2) throw new StateUnavailableError('a read', 1000);
      },
    });
    expect((await one.review()).late?.get(loginServer)).toEqual(new Map([['westus', 4]]));
    for (const notification of pushed.slice(0, 2))
      await app.process().record({ ...notification, region: 'westus' });
    isSecond = true;
    const { late, complete } = await one.review({ ...noDeadline, signal: controller.signal });
    expect(complete).toBe(false);
    expect(late?.get(loginServer)).toEqual(new Map([['westus', 2]]));
  });
});

describe('the review of every minute', () => {
  type Line = readonly [message: string, fields: object];
  function lines() {
    const all: Line[] = [];
    const write = (message: string, fields: object) => void all.push([message, fields]);
    return { all, log: { info: write, warn: write, error: write } };
  }

  it.each([
    ['ten minutes', 30 * dayMs, 10 * minuteMs],
    ['the time for which they are kept, where that is shorter', 2 * minuteMs, 2 * minuteMs],
  ])('looks for images to forget after %s', async (_, retentionMs, pauseMs) => {
    const app = new InMemoryApp(regions, { retentionMs });
    const one = app.process();
    const looked = async () => {
      await one.reviewAndForget();
      return one.operations.filter(({ name }) => name === 'finished.page').length;
    };
    expect(await looked()).toBe(1);
    app.nowMs += pauseMs - 1;
    expect(await looked()).toBe(1);
    app.nowMs += 1;
    expect(await looked()).toBe(2);
    expect(await looked()).toBe(2);
  });

  it('forgets nothing while nobody knows for how long images are kept', async () => {
    const app = new InMemoryApp(regions, { retentionMs: Number.POSITIVE_INFINITY });
    const one = app.process();
    await one.reviewAndForget();
    expect(one.operations.filter(({ name }) => name === 'finished.page')).toEqual([]);
  });

  it('forgets what was finished long enough ago, and says how many that were', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    const one = app.process();
    const { all, log } = lines();
    for (const ms of [0, 30 * dayMs, 10 * minuteMs, 10 * minuteMs]) {
      app.nowMs += ms;
      await one.reviewAndForget(log);
    }
    expect(all.filter(([message]) => message === 'images forgotten')).toEqual([
      ['images forgotten', { images: 1 }],
    ]);
    expect(app.ledger.imageCount).toBe(0);
  });

  it('says what it found, and remembers what was late', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app, [push(1)]);
    app.manifests.has('westus', {});
    app.nowMs += hourMs;
    const one = app.process();
    const { all, log } = lines();
    await one.reviewAndForget(log);
    const late = [{ registry: loginServer, region: 'westus', images: 1 }];
    const found = { open: 1, finished: 0, late, failures: 0, complete: true };
    expect(all).toEqual([['images reviewed', found]]);
  });

  it('names twenty of the images that it could not review', async () => {
    const app = new InMemoryApp(regions);
    const count = 21;
    await recordAll(
      app,
      Array.from({ length: count }, (_, index) => push(1, { digest: digestAt(index) })),
    );
    const failing = app.process({
      before: ({ name }) => {
        if (name === 'images.read') throw new StateUnavailableError('a read', 1000);
      },
    });
    const { all, log } = lines();
    const review = await failing.reviewAndForget(log);
    expect(all.filter(([message]) => message === 'image not reviewed')).toHaveLength(20);
    expect(all.at(-1)).toMatchObject(['images reviewed', { failures: count }]);
    expect(() => throwImageFailures(review)).toThrow(`${count} image(s) could not be reviewed, the first is`);
  });

  it('does not fail where every image was reviewed', async () => {
    const review = await new InMemoryApp(regions).process().reviewAndForget();
    expect(() => throwImageFailures(review)).not.toThrow();
  });
});

describe('a deletion that is reported after a review read a later push', () => {
  it('leaves tag and digest replicated, since neither is verified again', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process();
    for (const region of regions) app.manifests.has(region, { v2: d1 });
    await one.record(push(1));
    await one.record(push(5, { tag: 'v2' }));
    app.nowMs = at(3_600);
    await one.review();
    expect((await one.ask('v2'))?.state).toBe('replicated');
    await one.record(deletion(3));
    expect((await one.ask('v2'))?.state).toBe('replicated');
    expect((await one.ask(d1))?.state).toBe('replicated');
  });
});

describe('an entry of the index without its image', () => {
  it('stays for a quarter of an hour, since the image may be about to be written', async () => {
    const app = new InMemoryApp(regions);
    await app.ledger.process().ledger.open.add(idOf(), 1, noDeadline);
    app.nowMs += 15 * minuteMs;
    expect(await app.process().review()).toMatchObject({ open: 0, finished: 0, complete: true });
    expect(app.ledger.openEntries).toHaveLength(1);
    app.nowMs += 1;
    await app.process().review();
    expect(app.ledger.openEntries).toEqual([]);
  });

  it('is removed at once when it is of an earlier generation', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    await app.ledger.process().ledger.open.add(idOf(), 0, noDeadline);
    await app.process().review();
    expect(app.ledger.openEntries.map(({ generation }) => generation)).toEqual([
      app.ledger.image(idOf())?.generation,
    ]);
  });

  it('is removed without a newer entry that is made at the same moment', async () => {
    const app = new InMemoryApp(regions);
    const failing = app.process({
      before: ({ name }) => {
        if (name === 'images.insert') throw new StateUnavailableError('an insert', 1000);
      },
    });
    await expect(failing.record(push(1))).rejects.toThrow(StateUnavailableError);
    app.nowMs += hourMs;
    const other = app.process();
    const reviewing = app.process({
      before: async ({ name }) => {
        if (name === 'open.remove') await other.record(push(1));
      },
    });
    await reviewing.review();
    const generation = app.ledger.image(idOf())?.generation;
    expect(app.ledger.openEntries.map((entry) => entry.generation)).toEqual([generation]);
  });
});

describe('a thousand images that are open', () => {
  const count = 1000;
  const countByName = (operations: readonly Operation[]) =>
    Object.fromEntries(
      [...Map.groupBy(operations, ({ name }) => name)].map(([name, all]) => [name, all.length]),
    );
  async function crowd(finishedImages: number): Promise<InMemoryApp> {
    const app = new InMemoryApp(regions);
    for (let index = 0; index < finishedImages; index += 1)
      app.ledger.put(anImage({ id: idOf(digestAt(1e6 + index)), finishedAtMs: at(0) }));
    const one = app.process();
    for (let index = 0; index < count; index += 1)
      await one.record(push(1, { digest: digestAt(index), tag: `build-${index}` }));
    return app;
  }

  it.each([0, 5000])('cost one read each while they are young, beside %i finished ones', async (finished) => {
    const app = await crowd(finished);
    const reviewing = app.process();
    expect(await reviewing.review()).toMatchObject({ open: count });
    expect(countByName(reviewing.operations)).toEqual({ 'images.read': count, 'open.page': count / 100 });
  });

  it('cost two writes and two reads each when they stall, and one read until they are verified again', async () => {
    const app = await crowd(0);
    app.nowMs += hourMs;
    const reviewing = app.process();
    await reviewing.review();
    expect(countByName(reviewing.operations)).toEqual({
      'images.read': count,
      'tags.read': count,
      'images.update': 2 * count,
      'open.page': count / 100,
    });
    const again = app.process();
    await again.review();
    expect(countByName(again.operations)).toEqual({ 'images.read': count, 'open.page': count / 100 });
  });

  it('leave the index page by page when they are finished', async () => {
    const app = await crowd(0);
    const one = app.process();
    for (let index = 0; index < count; index += 1)
      await one.record(push(1, { digest: digestAt(index), tag: `build-${index}`, region: 'westus' }));
    const reviewing = app.process();
    expect(await reviewing.review()).toMatchObject({ open: 0, finished: count });
    expect(countByName(reviewing.operations)).toEqual({
      'images.read': count,
      'tags.read': count,
      'open.page': 10,
      'open.remove': 10,
      'finished.add': 10,
      'copyTimes.read': 10,
      'copyTimes.write': 10,
    });
  });
});
