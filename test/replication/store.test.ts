import { describe, expect, it } from 'vitest';
import { StateChangedError, StateUnavailableError } from '../../src/lib/errors.ts';
import type { Image } from '../../src/replication/image.ts';
import { imageStore, updateWithRetry } from '../../src/replication/store.ts';
import { anImage, aReference, at, fact, idOf, noDeadline, push } from './fixtures.ts';
import { type Hooks, InMemoryLedger } from './in-memory-ledger.ts';

const open = aReference({ facts: [fact('eastus', 1)] });
const replicated = { ...open, replicatedAtMs: at(2) };
const notice = { notification: push(3), receivedAtMs: at(3) };

/** A store over a ledger that holds an image, and what others do. */
async function holding(image: Partial<Image> | undefined, hooks: Hooks = {}) {
  const all = new InMemoryLedger(() => new Date(at(50)));
  if (image !== undefined) all.put(anImage(image));
  const { ledger, operations } = all.process(hooks);
  const pauses: number[] = [];
  const sleep = async (ms: number) => void pauses.push(ms);
  const store = imageStore({ ledger, now: () => new Date(at(50)), sleep, random: () => 0.5 });
  const stored = image && (await store.read(idOf(), noDeadline));
  const others = all.process().ledger;
  const remove = async () => {
    const found = await others.images.read(idOf(), noDeadline);
    if (found !== undefined) await others.images.remove(idOf(), found.version, noDeadline);
  };
  const names = () => operations.map(({ name }) => name);
  return { all, store, stored, remove, others, pauses, names };
}
/** The same with an image that is there. */
async function holdingOne(image: Partial<Image> = { references: [open] }, hooks?: Hooks) {
  const held = await holding(image, hooks);
  if (held.stored === undefined) throw new Error('nothing is stored');
  return { ...held, stored: held.stored };
}

describe('the store of images', () => {
  it('knows what it has read, until it reads that it is gone', async () => {
    const { store, stored, remove, names } = await holdingOne();
    expect(await store.readCached(idOf(), noDeadline)).toBe(stored);
    await remove();
    expect(await store.readCached(idOf(), noDeadline)).toBe(stored);
    expect(await store.read(idOf(), noDeadline)).toBeUndefined();
    expect(await store.readCached(idOf(), noDeadline)).toBeUndefined();
    expect(names()).toEqual(['images.read', 'images.read', 'images.read']);
  });

  it('knows what it has written', async () => {
    const { store, stored } = await holdingOne();
    const written = await store.write(stored, { ...stored.image, sizeBytes: 1 }, noDeadline);
    expect(await store.readCached(idOf(), noDeadline)).toBe(written);
  });

  it.each(['a write that failed', 'notices were stored beside it'])('reads anew after %s', async (what) => {
    const before: Hooks['before'] = ({ name }) => {
      if (name === 'images.update') throw new StateUnavailableError('an update', 1000);
    };
    const { store, stored, names } = await holdingOne(undefined, { before });
    if (what.startsWith('a write'))
      await expect(store.write(stored, stored.image, noDeadline)).rejects.toThrow();
    else expect(await store.append(stored, [notice], noDeadline, [])).toBe(true);
    await store.readCached(idOf(), noDeadline);
    expect(names().at(-1)).toBe('images.read');
  });

  it.each<[what: string, before: Partial<Image> | undefined, after: Partial<Image>, opens: boolean]>([
    ['one that is new', undefined, { references: [open] }, true],
    ['none that is open already', { references: [open] }, { references: [open], sizeBytes: 1 }, false],
    [
      'one that was finished, and is open',
      { references: [replicated], finishedAtMs: at(9) },
      { references: [open], finishedAtMs: at(9) },
      true,
    ],
    [
      'one that was finished, and is to be looked at again',
      { references: [replicated], finishedAtMs: at(9) },
      { references: [replicated] },
      true,
    ],
    [
      'none that stays finished',
      { references: [replicated], finishedAtMs: at(9) },
      { references: [replicated], finishedAtMs: at(9), sizeBytes: 1 },
      false,
    ],
    ['none that ends', { references: [open] }, { references: [replicated] }, false],
  ])('makes an entry, with a generation of its own, for an image: %s', async (_, before, after, opens) => {
    const { all, store, stored } = await holding(before);
    const written = await store.write(stored, anImage(after), noDeadline);
    const generation = opens ? at(50) : 1;
    expect(written.image.generation).toBe(generation);
    expect(all.openEntries.map((entry) => entry.generation)).toEqual(opens ? [generation] : []);
  });

  it('gives a generation that no other had, though the clock is behind', async () => {
    const { all, store, stored } = await holdingOne({ generation: at(60), finishedAtMs: at(9) });
    expect((await store.write(stored, anImage({ references: [open] }), noDeadline)).image.generation).toBe(
      at(60) + 1,
    );
    await store.leaveToReview(stored, noDeadline);
    expect(all.openEntries.map(({ generation }) => generation)).toEqual([at(60) + 1]);
  });

  it.each([true, false])('keeps the notices beside an image unless it takes them in: %s', async (takesIn) => {
    const { all, store, stored, others } = await holdingOne();
    await others.images.append(idOf(), [notice], noDeadline);
    const beside = await store.read(idOf(), noDeadline);
    await store.write(beside, stored.image, noDeadline, { takesIn });
    expect(all.notices(idOf())).toEqual(takesIn ? [] : [notice]);
  });

  it('waits up to 20 ms before the next attempt, and twice as long after each, up to 640 ms, and never longer than it has', async () => {
    const { store, pauses } = await holdingOne();
    for (const lost of [0, 1, 4, 5, 6]) await store.pause(lost, noDeadline);
    expect(pauses).toEqual([10, 20, 160, 320, 320]);
    await store.pause(6, { ...noDeadline, remainingMs: () => 100 });
    expect(pauses.at(-1)).toBe(100);
  });
});

describe('a change of an image', () => {
  const change = (image: Image): Image => ({ ...image, sizeBytes: 1 });
  const losing = (races: number): Hooks => {
    let lost = 0;
    return {
      before: ({ name }) => {
        if (name !== 'images.update') return;
        lost += 1;
        if (lost <= races) throw new StateChangedError('an update');
      },
    };
  };

  it('is made with what is stored then, however often others are first', async () => {
    const { all, store, stored, pauses } = await holdingOne(undefined, losing(3));
    await updateWithRetry(store, stored, change, noDeadline);
    expect(all.image(idOf())?.sizeBytes).toBe(1);
    expect(pauses).toEqual([10, 20, 40]);
  });

  it('is nothing where the image stays the same', async () => {
    const { store, stored, names } = await holdingOne();
    expect(await updateWithRetry(store, stored, (image) => image, noDeadline)).toBe(stored);
    expect(names()).toEqual(['images.read']);
  });

  it('is given up when its time is over, or when the image is gone', async () => {
    const over = { ...noDeadline, remainingMs: () => 0 };
    const late = await holdingOne(undefined, losing(1));
    await expect(updateWithRetry(late.store, late.stored, change, over)).rejects.toThrow(
      StateUnavailableError,
    );
    const { store, stored, remove } = await holdingOne();
    await remove();
    expect(await updateWithRetry(store, stored, change, noDeadline)).toBeUndefined();
  });

  it('fails at once with storage', async () => {
    const down = new StateUnavailableError('an update', 1000);
    const before: Hooks['before'] = ({ name }) => {
      if (name === 'images.update') throw down;
    };
    const { store, stored, pauses } = await holdingOne(undefined, { before });
    await expect(updateWithRetry(store, stored, change, noDeadline)).rejects.toBe(down);
    expect(pauses).toEqual([]);
  });
});
