import { isDeepStrictEqual } from 'node:util';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import { type Registry, registryKey } from '../registries/registry.ts';
import type { ReviewStateStore } from './ports.ts';
import type { ReviewState } from './state.ts';
import { decodeReviewState, encodeReviewState } from './state-codec.ts';

/** A state as it is stored. */
export interface StoredState {
  /** `undefined` when nothing is stored, or something that no version has written. */
  readonly state: ReviewState | undefined;
  /** `undefined` when nothing is stored under this key. */
  readonly etag: string | undefined;
}

/**
 * The stored state. It goes by the ARM id until the login server is known, and earlier versions stored it under the
 * registry's name. Such a state is taken over when every replica in it is one of this registry.
 */
export async function readState(
  registry: Registry,
  key: string,
  states: ReviewStateStore,
  deadline: Deadline,
): Promise<StoredState | undefined> {
  const stored = await states.read(key, deadline);
  if (stored !== undefined) return stored;
  const id = registryKey(registry.id);
  for (const other of [id, registry.name]) {
    const earlier = other === key ? undefined : (await states.read(other, deadline))?.state;
    if (earlier?.replicas.every((one) => one.id.toLowerCase().startsWith(`${id}/`)))
      return { state: earlier, etag: undefined };
  }
  return undefined;
}

/** Each lost race means that somebody else wrote. */
const maxAttempts = 8;

/**
 * Writes the state of a run. When a rehearsal was asked for or ended since it was read, the state is made again with
 * that, and written over it: a request takes no review away.
 *
 * @param before what is stored, as this run knows it.
 * @param next makes the state from the one that is stored.
 * @throws {StateChangedError} when another run wrote since.
 */
export async function writeOver(
  states: ReviewStateStore,
  key: string,
  before: StoredState,
  next: (stored: ReviewState | undefined) => ReviewState,
  deadline: Deadline,
): Promise<{ readonly state: ReviewState; readonly etag: string }> {
  let stored = before;
  for (let attempt = 1; ; attempt += 1) {
    const state = next(stored.state);
    try {
      return { state, etag: await states.write(key, state, stored.etag, deadline) };
    } catch (error) {
      if (!(error instanceof StateChangedError) || attempt === maxAttempts) throw error;
      const latest = await states.read(key, deadline);
      if (latest === undefined || !isSameReview(before.state, latest.state)) throw error;
      stored = latest;
    }
  }
}

/** Whether two states differ in their rehearsals at most. */
const isSameReview = (a: ReviewState | undefined, b: ReviewState | undefined): boolean => {
  if (b === undefined) return false;
  if (a === undefined) return !isReviewed(b);
  return isDeepStrictEqual(withoutRehearsals(a), withoutRehearsals(b));
};

/** As it is read back: a state in memory names what it does not have. */
const withoutRehearsals = (state: ReviewState): ReviewState | undefined =>
  decodeReviewState(state.registry, encodeReviewState({ ...state, rehearsals: [] }));

/** A rehearsal that was asked for before the first review is stored all the same, and nothing else with it. */
export const isReviewed = ({ replicas, countedAt }: ReviewState): boolean =>
  replicas.length > 0 || countedAt !== undefined;
