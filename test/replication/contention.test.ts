import { describe, expect, it } from 'vitest';
import { StateChangedError, StateRefusedError, StateUnavailableError } from '../../src/lib/errors.ts';
import { at, d1, d2, deletion, hourMs, idOf, minuteMs, noDeadline, push, referenceOf } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { CrashError, type Hooks, type Operation } from './in-memory-ledger.ts';

const regions = ['eastus', 'westeurope', 'westus'];
const names = (operations: readonly Operation[]) => operations.map(({ name }) => name);

/** Others are first at every write of the image. */
const alwaysLosing: Hooks = {
  before: ({ name }) => {
    if (name === 'images.update' || name === 'images.insert') throw new StateChangedError('a write');
  },
};

/** An app that has recorded a push to two of the regions. */
async function halfway(): Promise<InMemoryApp> {
  const app = new InMemoryApp(regions);
  for (const region of regions.slice(0, 2)) await app.process().record(push(1, { region }));
  return app;
}
const last = push(1, { region: 'westus' });

describe('a notification of an image that others write all the time', () => {
  it('is stored beside the image after three lost races, and recorded', async () => {
    const app = await halfway();
    const loser = app.process(alwaysLosing);
    expect(await loser.record(last)).toBe('recorded');
    expect(app.ledger.notices(idOf())).toMatchObject([{ notification: { region: 'westus' } }]);
    const made = names(loser.operations);
    expect(made.slice(0, made.indexOf('images.append') + 1)).toEqual([
      ...['images.read', 'images.update', 'images.read', 'images.update', 'images.read', 'images.update'],
      ...['open.add', 'images.append'],
    ]);
    // It tries for a while to have it taken in, and then makes sure that the review does.
    expect(made.at(-1)).toBe('open.add');
  });

  it('is stored there without those that say nothing new', async () => {
    const app = await halfway();
    const loser = app.process(alwaysLosing);
    await Promise.all([push(1, { tag: 'first' }), push(1), last].map((one) => loser.record(one)));
    const beside = app.ledger.notices(idOf()).map(({ notification }) => notification);
    expect(beside).toEqual([push(1, { tag: 'first' }), last]);
  });

  it('counts in every answer at once', async () => {
    const app = await halfway();
    await app.process(alwaysLosing).record(last);
    expect((await app.process().ask('v1'))?.state).toBe('replicated');
    expect((await app.process().ask(d1))?.state).toBe('replicated');
  });

  it('is taken in by the next writer, which reaches the verdict', async () => {
    const app = await halfway();
    await app.process(alwaysLosing).record(last);
    const next = app.process();
    expect(await next.record(push(1, { tag: 'other' }))).toBe('recorded');
    expect(app.ledger.notices(idOf())).toEqual([]);
    expect(referenceOf(app.ledger.image(idOf())).replicatedAtMs).toBeDefined();
  });

  it('is taken in by the review, which publishes the signal and closes the entries', async () => {
    const app = await halfway();
    await app.process(alwaysLosing).record(last);
    for (let minutes = 0; minutes < 20; minutes += 1) {
      app.nowMs += minuteMs;
      expect((await app.process().review()).failures).toEqual([]);
    }
    expect(app.signals()).toHaveLength(1);
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.ledger.finishedEntries).toHaveLength(1);
  });

  it('is taken in by the review without a verdict where its registry is no longer configured', async () => {
    const app = await halfway();
    await app.process(alwaysLosing).record(last);
    app.isConfigured = false;
    expect((await app.process().review()).failures).toEqual([]);
    expect(app.ledger.notices(idOf())).toEqual([]);
    expect(referenceOf(app.ledger.image(idOf()))).toMatchObject({ replicatedAtMs: undefined });
  });

  it('opens a finished image again by the review, when it is a new push', async () => {
    const app = await halfway();
    await app.process().record(last);
    await app.process().review();
    expect(app.ledger.openEntries).toEqual([]);
    app.nowMs += minuteMs;
    await app.process(alwaysLosing).record(push(60, { tag: 'again' }));
    app.nowMs += minuteMs;
    await app.process().review();
    const generation = app.ledger.image(idOf())?.generation;
    expect(app.ledger.openEntries.filter((entry) => entry.generation === generation)).toHaveLength(1);
  });

  it('is kept by those who change something else', async () => {
    const app = await halfway();
    app.onPublish = () => {
      throw new Error('the topic is down');
    };
    await app.process().record(last);
    await app.process(alwaysLosing).record(push(5, { tag: 'beside' }));
    app.onPublish = () => {};
    // A repeat has the signal published, and the image marked.
    await app.process().record(last);
    expect(app.signals()).toHaveLength(1);
    const tags = app.ledger.image(idOf())?.references.map(({ tag }) => tag) ?? [];
    const beside = app.ledger
      .notices(idOf())
      .map(({ notification }) => 'tag' in notification && notification.tag);
    expect([...tags, ...beside]).toContain('beside');
  });

  it('that is a deletion or a second push of a tag has the same effect as without contention', async () => {
    const histories = [
      [push(1), push(1, { region: 'westeurope' }), deletion(5)],
      [push(1), push(2, { digest: d2 }), push(3)],
    ];
    for (const notifications of histories) {
      const calm = new InMemoryApp(['eastus']);
      for (const notification of notifications) await calm.process().record(notification);
      const contended = new InMemoryApp(['eastus']);
      for (const [index, notification] of notifications.entries()) {
        const isLast = index === notifications.length - 1;
        await contended.process(isLast ? alwaysLosing : {}).record(notification);
      }
      await contended.process().record(push(1));
      const essence = (app: InMemoryApp) => {
        const image = app.ledger.image(idOf());
        return { deletions: image?.deletions, revertedAtMs: image?.references[0]?.revertedAtMs };
      };
      expect(essence(contended)).toEqual(essence(calm));
      expect(contended.ledger.candidates({ ...idOf(), tag: 'v1' })).toEqual(
        calm.ledger.candidates({ ...idOf(), tag: 'v1' }),
      );
    }
  });

  it('is never lost once it was answered, wherever the process crashes', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let operation = 1; ; operation += 1) {
        const app = await halfway();
        const one = app.process({
          ...alwaysLosing,
          [when]: (made: Operation) => {
            if (made.number === operation) throw new CrashError('as the test has it');
            if (when === 'before') return alwaysLosing.before?.(made);
          },
        });
        const outcome = await one.record(last).catch((error: unknown) => error);
        const isOver = !one.hasCrashed;
        app.nowMs += hourMs;
        // The endpoints know nothing, so only what was stored can complete the image.
        for (let reviews = 0; reviews < 3; reviews += 1) {
          await app.process().review();
          app.nowMs += hourMs;
        }
        if (outcome === 'recorded') expect(app.signals()).toHaveLength(1);
        if (isOver) break;
        expect(operation).toBeLessThan(60);
      }
    }
  });
});

describe('storage that is busy for a while', () => {
  const busy = (name: Operation['name'], failures: number): Hooks => {
    let failed = 0;
    return {
      before: (operation) => {
        if (operation.name !== name) return;
        failed += 1;
        if (failed <= failures) throw new StateUnavailableError('a call', 1000);
      },
    };
  };
  const calls = (operations: readonly Operation[], name: string) =>
    names(operations).filter((one) => one === name).length;

  it.each<[name: Operation['name'], failures: number, isRecorded: boolean, made: number]>([
    ['images.read', 2, true, 3],
    ['images.read', 3, false, 3],
    ['images.insert', 2, true, 3],
    ['images.insert', 3, false, 3],
  ])('in %s, %i times: a notification is recorded: %s', async (name, failures, isRecorded, made) => {
    const app = new InMemoryApp(regions);
    const one = app.process(busy(name, failures));
    const recorded = await one.record(push(1)).catch(({ name: error }: Error) => error);
    expect(recorded).toBe(isRecorded ? 'recorded' : 'StateUnavailableError');
    // A write that failed is followed by a read.
    expect(calls(one.operations, name)).toBe(made);
  });

  it('is asked no more when the time is over', async () => {
    const one = new InMemoryApp(regions).process(busy('images.insert', 1));
    const over = { ...noDeadline, remainingMs: () => 0 };
    await expect(one.record(push(1), over)).rejects.toThrow(StateUnavailableError);
    expect(calls(one.operations, 'images.insert')).toBe(1);
  });

  it.each([
    ['eight times while there is time', 3_001, 8],
    ['not once with three seconds left, which the review needs', 3_000, 0],
  ])('has what is stored beside the image taken in: tries %s', async (_, leftMs, tries) => {
    const app = await halfway();
    const loser = app.process(alwaysLosing);
    expect(await loser.record(last, { ...noDeadline, remainingMs: () => leftMs })).toBe('recorded');
    const made = names(loser.operations);
    const after = made.slice(made.indexOf('images.append') + 1);
    expect(after.filter((name) => name === 'images.update')).toHaveLength(tries);
    expect(after.at(-1)).toBe(tries === 0 ? undefined : 'open.add');
  });
});

describe('notifications of one image that wait in one process', () => {
  const pushes = Array.from({ length: 50 }, (_, index) => push(1 + index, { tag: `v${index}` }));

  it('are stored by one write', async () => {
    const app = new InMemoryApp(regions);
    const one = app.process();
    const recorded = await Promise.all(pushes.map((notification) => one.record(notification)));
    expect(new Set(recorded)).toEqual(new Set(['recorded']));
    expect(names(one.operations).filter((name) => name.startsWith('images.'))).toEqual([
      ...['images.read', 'images.insert', 'images.update'],
    ]);
    expect(app.ledger.image(idOf())?.references).toHaveLength(50);
  });

  it('do not fail with one of them', async () => {
    const app = new InMemoryApp(regions);
    // A second push of a tag reads the history of the tag, and no other does.
    const one = app.process({
      before: ({ name }) => {
        if (name === 'tags.read') throw new Error('this history cannot be read');
      },
    });
    await one.record(push(1));
    const results = await Promise.allSettled(
      [push(2, { tag: 'v1.1' }), push(2), push(3, { tag: 'v2' }), push(4, { tag: 'v3' })].map((n) =>
        one.record(n),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(app.ledger.image(idOf())?.references).toHaveLength(4);
  });

  const first = push(1, { tag: 'first' });
  it.each([
    [
      'do not fail with one of which storage refuses the image',
      [first, push(2), push(3, { tag: 'large' })],
      [1, 1, 0],
    ],
    ['fail at once with the only one that storage refuses', [push(3, { tag: 'large' })], [0]],
  ])('%s', async (_, notifications, isRecorded) => {
    const app = new InMemoryApp(regions);
    let attempts = 0;
    app.ledger.toStore = (image) => {
      attempts += 1;
      if (image.references.some(({ tag }) => tag === 'large')) throw new StateRefusedError('a write');
      return image;
    };
    const one = app.process();
    const results = await Promise.allSettled(notifications.map((n) => one.record(n)));
    expect(results.map(({ status }) => (status === 'fulfilled' ? 1 : 0))).toEqual(isRecorded);
    // The first one goes alone, then the others together, and then each of those by itself.
    expect(attempts).toBe(notifications.length === 1 ? 1 : 4);
  });

  it('fail together, and at once, with storage itself', async () => {
    const app = new InMemoryApp(regions);
    let updates = 0;
    const one = app.process({
      before: ({ name }) => {
        if (name !== 'images.update') return;
        updates += 1;
        throw new Error('storage answers what nobody knows');
      },
    });
    const results = await Promise.allSettled(
      [first, push(2), push(3, { tag: 'v3' })].map((n) => one.record(n)),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(updates).toBe(1);
  });

  it('are stored before a deletion, and after it, with a write each', async () => {
    const app = new InMemoryApp(['eastus'], { hasTopic: false });
    const one = app.process();
    const deletions: (number | undefined)[] = [];
    app.ledger.onWrite = (image) => void deletions.push(image.deletions.regionlessAtMs);
    await Promise.all(
      [first, push(2), push(2, { tag: 'v2' }), deletion(5), push(9), push(9, { tag: 'v2' })].map((n) =>
        one.record(n),
      ),
    );
    const [, before, after, pushed] = deletions;
    expect([before, after, pushed]).toEqual([undefined, at(5), at(5)]);
  });
});

describe('many processes with notifications of one image', () => {
  it.each([
    [50, 1],
    [8, 23],
    [16, 4],
  ])('%i of them with %i each: all are recorded, and none is lost', async (count, each) => {
    const app = new InMemoryApp(regions);
    const processes = Array.from({ length: count }, () => app.process());
    const recorded = await Promise.all(
      processes.flatMap((one, index) =>
        Array.from({ length: each }, (_, n) =>
          one.record(push(1 + n, { tag: `v${(index * each + n) % 90}` })),
        ),
      ),
    );
    expect(recorded.every((result) => result === 'recorded' || result === 'duplicate')).toBe(true);
    await app.process().review();
    expect(app.ledger.notices(idOf())).toEqual([]);
    expect(app.ledger.image(idOf())?.references).toHaveLength(Math.min(90, count * each));
    // No notification costs more than a few attempts, however many there are.
    const operations = processes.reduce((sum, one) => sum + one.operations.length, 0);
    expect(operations / (count * each)).toBeLessThan(30);
  });
});
