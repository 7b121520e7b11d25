import { describe, expect, it } from 'vitest';
import type { Deadline } from '../../src/lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../../src/lib/errors.ts';
import { imageStore, updateWithRetry } from '../../src/replication/store.ts';
import { storeTogether } from '../../src/replication/store-together.ts';
import { anImage, idOf } from './fixtures.ts';
import { InMemoryLedger, type Operation } from './in-memory-ledger.ts';

/** Time passes in pauses only, which are the longest ones. Each call of the ledger fails, and after the deadline all. */
function storeWith(failures: Partial<Record<Operation['name'], Error>>, deadlineMs: number) {
  let nowMs = 0;
  const now = () => new Date(nowMs);
  const deadline: Deadline = {
    signal: new AbortController().signal,
    remainingMs: () => Math.max(0, deadlineMs - nowMs),
  };
  const { ledger } = new InMemoryLedger(now).process({
    before({ name }) {
      const failure = deadline.remainingMs() === 0 ? new StateUnavailableError(name, 1_000) : failures[name];
      if (failure !== undefined) throw failure;
    },
  });
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  return { store: imageStore({ ledger, now, sleep, random: () => 1 }), deadline, elapsedMs: () => nowMs };
}

const lost = new StateChangedError('a write');
const busy = new StateUnavailableError('a read', 1_000);
const fold = async () => ({ image: anImage(), pushed: [], news: [] });

// Some end within a pause, and some between two.
describe.each([1, 20, 333, 900])('with %d ms left, no pause goes past the deadline', (deadlineMs) => {
  it('of a change that always loses the race', async () => {
    const { store, deadline, elapsedMs } = storeWith({ 'images.update': lost }, deadlineMs);
    await store.write(undefined, anImage(), deadline);
    const stored = await store.readCached(idOf(), deadline);
    if (stored === undefined) throw new Error('it was written');
    const work = updateWithRetry(store, stored, (image) => ({ ...image }), deadline);
    await expect(work).rejects.toThrow(StateUnavailableError);
    expect(elapsedMs()).toBe(deadlineMs);
  });

  it('of a notification of an image that others create', async () => {
    const { store, deadline, elapsedMs } = storeWith({ 'images.insert': lost }, deadlineMs);
    await expect(storeTogether(idOf(), store, fold, deadline)).rejects.toThrow(StateUnavailableError);
    expect(elapsedMs()).toBe(deadlineMs);
  });

  it('of a notification while storage is busy', async () => {
    const { store, deadline, elapsedMs } = storeWith({ 'images.read': busy }, deadlineMs);
    await expect(storeTogether(idOf(), store, fold, deadline)).rejects.toThrow(StateUnavailableError);
    expect(elapsedMs()).toBe(deadlineMs);
  });
});
