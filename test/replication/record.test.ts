import { describe, expect, it } from 'vitest';
import { StateChangedError, StateUnavailableError } from '../../src/lib/errors.ts';
import type { ImageId } from '../../src/replication/image.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { at, d1, d2, dayMs, deletion, idOf, noDeadline, push, referenceOf, tagOf } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import type { Operation } from './in-memory-ledger.ts';

const regions = ['eastus', 'westeurope', 'westus'];
const pushes = regions.map((region, index) => push(1 + index, { region }));
const names = (operations: readonly Operation[]) => operations.map(({ name }) => name);

/** Records the notifications in their order, in one process. */
async function recordAll(app: InMemoryApp, notifications: readonly Notification[] = pushes) {
  const one = app.process();
  const recorded = [];
  for (const notification of notifications) recorded.push(await one.record(notification));
  return { recorded, operations: one.operations };
}

describe('recording a push to three regions', () => {
  it('returns the result of each notification', async () => {
    const app = new InMemoryApp(regions);
    const { recorded } = await recordAll(app, [...pushes, push(1), deletion(5), push(4), push(6)]);
    expect(recorded).toEqual([
      'recorded',
      'recorded',
      'replicated',
      'duplicate',
      'deleted',
      'outdated',
      'recorded',
    ]);
  });

  it('returns that a reference is replicated, whatever others of the image still wait for', async () => {
    const app = new InMemoryApp(['eastus']);
    app.directory.current = undefined;
    await recordAll(app, [push(1, { region: undefined })]);
    app.directory.hold('eastus');
    expect((await recordAll(app, [push(1, { tag: 'v2' })])).recorded).toEqual(['replicated']);
  });

  it('publishes one signal when the last region reports, and marks it as published', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    expect(app.published).toMatchObject([{ type: 'evenkeel.registry.replicated', subject: 'team/app:v1' }]);
    expect(app.ledger.image(idOf())).toMatchObject({
      outbox: [],
      replicatedAtMs: at(0),
      finishedAtMs: at(0),
    });
  });

  it('makes nine operations when each notification comes to a new process', async () => {
    const app = new InMemoryApp(regions);
    const made: string[][] = [];
    for (const notification of pushes) {
      const one = app.process();
      await one.record(notification);
      made.push(names(one.operations));
    }
    expect(made).toEqual([
      ['images.read', 'open.add', 'tags.add', 'images.insert'],
      ['images.read', 'images.update'],
      ['images.read', 'images.update', 'images.update'],
    ]);
  });

  it('makes one write for each notification when one process gets them all', async () => {
    const { operations } = await recordAll(new InMemoryApp(regions));
    const all = [
      'images.read',
      'open.add',
      'tags.add',
      'images.insert',
      'images.update',
      'images.update',
      'images.update',
    ];
    expect(names(operations)).toEqual(all);
  });

  it('adds no tag for a push by digest', async () => {
    const { operations } = await recordAll(new InMemoryApp(regions), [push(1, { tag: undefined })]);
    expect(names(operations)).toEqual(['images.read', 'open.add', 'images.insert']);
  });

  it('adds the image to the index of open images and to its tag before it stores the image', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process({
      before: ({ name }) => {
        if (name !== 'images.insert') return;
        expect(app.ledger.openEntries).toMatchObject([{ id: idOf() }]);
        expect(app.ledger.candidates(tagOf())).toEqual([{ digest: d1, atMs: at(1) }]);
      },
    });
    await one.record(push(1));
    expect(app.ledger.openEntries[0]?.generation).toBe(app.ledger.image(idOf())?.generation);
  });

  it('publishes nothing and finishes the image when there is no topic', async () => {
    const app = new InMemoryApp(regions, { hasTopic: false });
    const { recorded } = await recordAll(app);
    expect(recorded.at(-1)).toBe('replicated');
    expect(app.published).toEqual([]);
    expect(app.ledger.image(idOf())).toMatchObject({ outbox: [], finishedAtMs: at(0) });
  });

  it('waits for the regions that had a replica at the first notification, less those removed since', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process();
    await one.record(push(1, { region: 'eastus' }));
    app.directory.hold('eastus', 'westus', 'added');
    expect(await one.record(push(1, { region: 'westus' }))).toBe('replicated');
    expect(app.ledger.image(idOf())?.expected).toEqual(regions);
  });

  it('waits for the home region alone where no replica is listed', async () => {
    const app = new InMemoryApp([]);
    expect(await app.process().record(push(1))).toBe('replicated');
    expect(app.ledger.image(idOf())?.expected).toEqual(['eastus']);
    expect(app.signals()).toHaveLength(1);
  });

  it('only stores notifications while the replicas are unknown', async () => {
    const app = new InMemoryApp(regions);
    app.directory.current = undefined;
    const { recorded } = await recordAll(app);
    expect(recorded).toEqual(['recorded', 'recorded', 'recorded']);
    expect(app.ledger.image(idOf())?.expected).toBeUndefined();
  });
});

describe('a push from before the time for which images are kept', () => {
  it('opens no image, and wakes nobody', async () => {
    const woken: ImageId[] = [];
    const changes = () => ({ notify: (id: ImageId) => void woken.push(id), next: async () => {} });
    const app = new InMemoryApp(regions, { changes, retentionMs: dayMs });
    const { recorded, operations } = await recordAll(app, [push(-86_401)]);
    expect({ recorded, operations: names(operations), woken }).toEqual({
      ...{ recorded: ['outdated'], operations: ['images.read'], woken: [] },
    });
    expect((await recordAll(app, [push(-86_400)])).recorded).toEqual(['recorded']);
  });
});

describe('a duplicate', () => {
  it('costs one read and no write', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    for (const notification of pushes) {
      const one = app.process();
      expect(await one.record(notification)).toBe('duplicate');
      expect(names(one.operations)).toEqual(['images.read']);
    }
  });

  it('wakes nobody, as every other notification does', async () => {
    const woken: ImageId[] = [];
    const changes = () => ({ notify: (id: ImageId) => void woken.push(id), next: async () => {} });
    const app = new InMemoryApp(regions, { changes });
    await recordAll(app, [push(1), push(1), push(2), push(1)]);
    expect(woken).toEqual([idOf(), idOf()]);
  });

  it('has the signals published that wait, and a notification that leads to none of them leaves them', async () => {
    const app = new InMemoryApp(regions);
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    await recordAll(app);
    app.onPublish = () => {};
    await recordAll(app, [push(9, { tag: 'v2' })]);
    expect(app.published).toEqual([]);
    await recordAll(app, [push(9, { tag: 'v2' })]);
    expect(app.signals()).toHaveLength(1);
  });

  it('costs nothing when the process has the image in its cache', async () => {
    const app = new InMemoryApp(regions);
    const { operations } = await recordAll(app, [...pushes, ...pushes, ...pushes]);
    expect(operations).toHaveLength(7);
  });

  it('costs one read and no write when an event reports what a webhook did', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app);
    const one = app.process();
    await one.record(push(1, { evidence: 'event' }));
    expect(names(one.operations)).toEqual(['images.read']);
  });

  it.each([1, 2, 5])(
    'of the last notification, fifty times at once in %i process(es), leads to one verdict',
    async (count) => {
      const app = new InMemoryApp(regions);
      await recordAll(app, pushes.slice(0, 2));
      const processes = Array.from({ length: count }, () => app.process());
      const [, , last = push(3)] = pushes;
      const recorded = await Promise.all(
        Array.from({ length: 50 }, (_, index) => processes[index % count]?.record(last)),
      );
      expect(recorded.filter((result) => result === 'replicated')).toHaveLength(1);
      expect(new Set(recorded)).toEqual(new Set(['replicated', 'duplicate']));
      expect(new Set(app.published.map(({ id }) => id)).size).toBe(1);
      expect(app.ledger.image(idOf())?.outbox).toEqual([]);
      // Within one process they wait for each other instead of losing races.
      const [{ operations } = { operations: [] }] = processes;
      if (count === 1) expect(names(operations)).toEqual(['images.read', 'images.update', 'images.update']);
    },
  );

  it('of every notification, all at once in several processes, leads to one verdict', async () => {
    const app = new InMemoryApp(regions);
    const processes = Array.from({ length: 4 }, () => app.process());
    await Promise.all(
      processes.flatMap((one) => [...pushes, ...pushes].map((notification) => one.record(notification))),
    );
    expect(app.signals()).toHaveLength(1);
    expect(app.ledger.openEntries.length).toBeGreaterThan(0);
  });
});

describe('a tag that moves', () => {
  it('to another digest and back begins a new episode of the first one', async () => {
    const app = new InMemoryApp(regions);
    const everywhere = (seconds: number, digest: string) =>
      regions.map((region) => push(seconds, { region, digest }));
    const { recorded } = await recordAll(app, [
      ...everywhere(1, d1),
      ...everywhere(2, d2),
      ...everywhere(3, d1),
    ]);
    expect(recorded.filter((result) => result === 'replicated')).toHaveLength(3);
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d2, d1]);
    expect(referenceOf(app.ledger.image(idOf(d1))).revertedAtMs).toBe(at(3));
  });

  it.each([
    ['in order', [1, 2, 3]],
    ['backwards', [3, 2, 1]],
    ['with the first one last', [2, 3, 1]],
  ])('is seen to revert when its pushes are reported %s', async (_, seconds) => {
    const app = new InMemoryApp(['eastus']);
    const digests = [d1, d2, d1];
    await recordAll(
      app,
      seconds.map((second) => push(second, { digest: digests[second - 1] ?? d1 })),
    );
    expect(referenceOf(app.ledger.image(idOf(d1))).revertedAtMs).toBe(at(3));
  });

  it('is seen to revert by the review when the push in between is reported last', async () => {
    const app = new InMemoryApp(['eastus']);
    await recordAll(app, [push(1), push(3), push(2, { digest: d2 })]);
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d2]);
    app.nowMs = at(60);
    await app.process().review();
    const { revertedAtMs, firstSeenMs } = referenceOf(app.ledger.image(idOf(d1)));
    expect({ revertedAtMs, firstSeenMs }).toEqual({ revertedAtMs: at(3), firstSeenMs: at(60) });
    // It is open again, and the next review finds it replicated.
    await app.process().review();
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d2, d1]);
    await app.process().review();
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.signals()).toHaveLength(3);
  });

  it('does not wait for a replica that is ready only after its revert was seen', async () => {
    const app = new InMemoryApp(['eastus']);
    await recordAll(app, [push(1), push(3), push(2, { digest: d2 })]);
    app.nowMs = at(60);
    await app.process().review();
    app.directory.hold('eastus', 'westus');
    await app.process().review();
    expect(referenceOf(app.ledger.image(idOf(d1))).expected).toEqual(['eastus']);
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d2, d1]);
  });

  it('is seen to revert when the push in between is reported after its deletion was reviewed', async () => {
    const app = new InMemoryApp(['eastus']);
    await recordAll(app, [push(1), push(3), deletion(5, d2)]);
    app.nowMs = at(60);
    await app.process().review();
    await recordAll(app, [push(2, { digest: d2 })]);
    for (const _ of [1, 2]) await app.process().review();
    expect(referenceOf(app.ledger.image(idOf(d1))).revertedAtMs).toBe(at(3));
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d1]);
    expect(app.ledger.openEntries).toEqual([]);
  });

  it('is seen to revert when the push in between is recorded and reviewed while the last push is recorded', async () => {
    const app = new InMemoryApp(['eastus']);
    await recordAll(app, [push(1)]);
    let isBetween = true;
    const one = app.process({
      before: async ({ name }) => {
        if (name !== 'images.update' || !isBetween) return;
        isBetween = false;
        await app.process().record(push(2, { digest: d2 }));
        await app.process().review();
      },
    });
    await one.record(push(3));
    expect(referenceOf(app.ledger.image(idOf(d1))).revertedAtMs).toBe(at(3));
    await app.process().review();
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d1, d2, d1]);
  });

  it('is recorded, and its verdict published, though the image is forgotten before its revert is stored', async () => {
    const app = new InMemoryApp(['eastus']);
    app.directory.current = undefined;
    await recordAll(app, [push(1)]);
    app.directory.hold('eastus');
    let updates = 0;
    const one = app.process({
      before: async ({ name }) => {
        if (name !== 'images.update') return;
        updates += 1;
        if (updates === 1) await app.process().record(push(2, { digest: d2 }));
        if (updates !== 2) return;
        const { images } = app.ledger.process().ledger;
        const stored = await images.read(idOf(d1), noDeadline);
        if (stored !== undefined) await images.remove(idOf(d1), stored.version, noDeadline);
      },
    });
    expect(await one.record(push(3))).toBe('replicated');
    expect(app.signals().map(({ data }) => data['digest'])).toEqual([d2, d1]);
  });

  it('keeps its episode when the oldest notification of a revert arrives last', async () => {
    const app = new InMemoryApp(regions);
    const notifications = [push(1), push(2, { digest: d2 }), push(1, { region: 'westus' })];
    await recordAll(app, [
      ...notifications,
      push(2, { digest: d2, region: 'westus' }),
      push(5, { region: 'westus' }),
    ]);
    const episode = referenceOf(app.ledger.image(idOf(d1)));
    app.nowMs = at(60);
    await recordAll(app, [push(4)]);
    expect(episode.revertedAtMs).toBe(at(5));
    const { revertedAtMs, firstSeenMs } = referenceOf(app.ledger.image(idOf(d1)));
    expect({ revertedAtMs, firstSeenMs }).toEqual({ revertedAtMs: at(4), firstSeenMs: episode.firstSeenMs });
  });

  it('is stored with the newest time of a digest, however late an older one is reported', async () => {
    const app = new InMemoryApp(regions);
    await recordAll(app, [push(5), push(9), push(1)]);
    expect(app.ledger.candidates(tagOf())).toEqual([{ digest: d1, atMs: at(9) }]);
  });
});

describe('a push after a deletion whose notices come late and out of order', () => {
  it('has one signal, although a notice takes a copy that came late', async () => {
    const app = new InMemoryApp(regions);
    const late = (seconds: number) => push(seconds, { region: 'westus' });
    const early = ['eastus', 'westeurope'].flatMap((region) => [push(5, { region }), push(90, { region })]);
    const deletions = ['westeurope', 'eastus'].map((region, index) => deletion(66 - index, d1, region));
    await recordAll(app, [...early, late(304), late(306)]);
    expect(app.signals()).toHaveLength(1);
    await recordAll(app, [...deletions, deletion(305, d1, 'westus')]);
    expect(app.signals()).toHaveLength(2);
  });
});

describe('a late deletion that takes the first fact of an image', () => {
  it('has the image wait for the regions of the next fact, and not for those of then or of now', async () => {
    const app = new InMemoryApp(['eastus', 'westus']);
    app.registry = { ...app.registry, regions: ['eastus'] };
    await recordAll(app, [push(1)]);
    app.registry = { ...app.registry, regions: 'all' };
    app.nowMs = at(10);
    await recordAll(app, [push(9)]);
    app.nowMs = at(60);
    app.directory.hold('eastus', 'westus', 'northeurope');
    await recordAll(app, [deletion(5)]);
    const image = app.ledger.image(idOf(d1));
    expect(image?.expected).toEqual(['eastus', 'westus']);
    expect(referenceOf(image)).toMatchObject({ expected: ['eastus', 'westus'], firstSeenMs: at(10) });
    expect(app.signals()).toHaveLength(1);
    await recordAll(app, [push(9, { region: 'westus' })]);
    expect(app.signals()).toHaveLength(2);
  });
});

describe('a failure while a notification is recorded', () => {
  it('reaches the sender when nothing was stored', async () => {
    const app = new InMemoryApp(regions);
    const down = new StateUnavailableError('an insert', 5_000);
    const one = app.process({
      before: ({ name }) => {
        if (name === 'images.insert') throw down;
      },
    });
    await expect(one.record(push(1))).rejects.toBe(down);
    expect(app.ledger.imageCount).toBe(0);
  });

  it.each([
    ['first', [60_000, 0]],
    ['last', [0, 60_000]],
  ])(
    'is met by another attempt while one of those that are stored together has time: the %s',
    async (_, left) => {
      let isFirst = true;
      const app = new InMemoryApp(regions);
      const one = app.process({
        before: ({ name }) => {
          if (name !== 'images.update' || !isFirst) return;
          isFirst = false;
          throw new StateChangedError('an update');
        },
      });
      const others = left.map(
        (ms, index) => [push(2, { tag: `t${index}` }), { ...noDeadline, remainingMs: () => ms }] as const,
      );
      await Promise.all([one.record(push(1)), ...others.map((recorded) => one.record(...recorded))]);
      expect(app.ledger.image(idOf())?.references).toHaveLength(3);
    },
  );

  it('is a StateUnavailableError when others are always first to create it, until the time is over', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process({
      before: ({ name }) => {
        if (name === 'images.insert') throw new StateChangedError('an insert');
      },
    });
    let leftMs = 50;
    const deadline = { ...noDeadline, remainingMs: () => (leftMs -= 1) };
    await expect(one.record(push(1), deadline)).rejects.toMatchObject({
      name: 'StateUnavailableError',
      retryAfterMs: 1000,
    });
    expect(one.operations.filter(({ name }) => name === 'images.insert').length).toBeGreaterThan(20);
  });

  it('of the topic keeps the signal until a notification arrives after a pause', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process();
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    for (const notification of pushes) await one.record(notification);
    expect(app.ledger.image(idOf())?.outbox).toHaveLength(1);
    app.onPublish = () => {};
    await one.record(push(1));
    expect(app.published).toEqual([]);
    app.nowMs = at(11);
    await one.record(push(1));
    expect(app.signals()).toHaveLength(1);
    expect(app.ledger.image(idOf())?.outbox).toEqual([]);
  });

  it('to mark a signal as published has it published again under its id', async () => {
    const app = new InMemoryApp(regions);
    const lost = new StateUnavailableError('an update', 5_000);
    let updates = 0;
    const one = app.process({
      before: ({ name }) => {
        if (name !== 'images.update') return;
        updates += 1;
        if (updates === 3) throw lost;
      },
    });
    for (const notification of pushes.slice(0, 2)) await one.record(notification);
    expect(await one.record(push(3, { region: 'westus' }))).toBe('replicated');
    await app.process().record(push(3, { region: 'westus' }));
    expect(app.published).toHaveLength(2);
    expect(app.signals()).toHaveLength(1);
  });
});
