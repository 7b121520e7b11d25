import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError, StateRefusedError, StateUnavailableError } from '../lib/errors.ts';
import { type Image, type ImageId, imageKey } from './image.ts';
import type { Notice, StoredImage } from './ledger.ts';
import type { ImageStore, PushedTag } from './store.ts';

/** What some notifications make of an image as it is stored. */
export interface Folded {
  /** `undefined` when there is nothing to write. */
  readonly image: Image | undefined;
  /** The tags that begin to point at the image, or do so again. */
  readonly pushed: readonly PushedTag[];
  /** The notifications of the caller that change the image. */
  readonly news: readonly Notice[];
}

interface Outcome<F> {
  /** As it is stored now; `undefined` when there is no image, and nothing to store. */
  readonly stored: StoredImage | undefined;
  /** The fold that was stored. */
  readonly folded: F;
  /** Whether the notifications were stored beside the image, where others take them in. */
  readonly isBeside: boolean;
}

/** After so many lost races the notifications are stored beside the image, where nobody contends. */
const racesBeforeBeside = 3;
/** Attempts to take in, after that, what the review would take in too. */
const attemptsAfterBeside = 8;
/** What has to be left of the time, to leave the image to the review. */
const reserveMs = 3_000;
/** Storage that is busy may answer the next call. */
const maxFailures = 2;

/**
 * Stores what notifications make of an image, however many others write it at the same time.
 *
 * | the write                                   | then                                                             |
 * |---------------------------------------------|------------------------------------------------------------------|
 * | succeeds                                    | all is stored                                                    |
 * | loses the race, up to twice                 | after a pause, again with what is stored then                    |
 * | loses the race again                        | the notifications are stored beside the image, without a race    |
 * | and the next write takes them in            | whoever makes it                                                 |
 * | and nobody's does in time                   | the review takes them in                                         |
 * | finds that there is no image to be beside   | again, for as long as there is time                              |
 *
 * @param fold is called anew for each version of the image.
 * @throws {StateUnavailableError} when nothing was stored.
 */
export async function storeTogether<F extends Folded>(
  id: ImageId,
  store: ImageStore,
  fold: (stored: StoredImage | undefined) => Promise<F>,
  deadline: Deadline,
): Promise<Outcome<F>> {
  let failures = 0;
  const patient = async <T>(run: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        failures += 1;
        if (!(error instanceof StateUnavailableError) || failures > maxFailures) throw error;
        await store.pause(failures + racesBeforeBeside, deadline);
      }
    }
  };

  let stored = await patient(() => store.readCached(id, deadline));
  for (let lost = 0; ; lost += 1) {
    const before = stored;
    const folded = await fold(before);
    const { image, pushed, news } = folded;
    if (image === undefined) return { stored, folded, isBeside: false };
    try {
      const written = await store.write(before, image, deadline, { pushed, takesIn: true });
      return { stored: written, folded, isBeside: false };
    } catch (error) {
      failures += error instanceof StateUnavailableError ? 1 : 0;
      const isOver = deadline.remainingMs() <= 0 || failures > maxFailures;
      if (error instanceof StateUnavailableError && isOver) throw error;
      if (!(error instanceof StateChangedError || error instanceof StateUnavailableError)) throw error;
      if (isOver) throw new StateUnavailableError(`a write of ${imageKey(id)}`, 1_000, { cause: error });
    }
    if (lost + 1 >= racesBeforeBeside && before !== undefined && news.length > 0) {
      const isBeside = await storeBeside(before, folded, store, deadline);
      if (isBeside) return { stored: await takeIn(id, store, fold, deadline), folded, isBeside };
    }
    await store.pause(lost, deadline);
    stored = await patient(() => store.read(id, deadline));
  }
}

/** @returns false when there is no such image any more, or no room beside it. */
const storeBeside = (
  before: StoredImage,
  { news, pushed }: Folded,
  store: ImageStore,
  deadline: Deadline,
): Promise<boolean> =>
  store.append(before, news, deadline, pushed).catch((error: unknown) => {
    if (error instanceof StateRefusedError) return false;
    throw error;
  });

/**
 * Takes in what is stored beside an image, unless another writer does first. Never throws: it is stored, and the review
 * takes in what is left.
 */
async function takeIn<F extends Folded>(
  id: ImageId,
  store: ImageStore,
  fold: (stored: StoredImage | undefined) => Promise<F>,
  deadline: Deadline,
): Promise<StoredImage | undefined> {
  let stored: StoredImage | undefined;
  try {
    for (let lost = 0; lost < attemptsAfterBeside && deadline.remainingMs() > reserveMs; lost += 1) {
      // Others wait here too, so that the first of them takes in what all have left.
      await store.pause(lost + racesBeforeBeside, deadline);
      stored = await store.read(id, deadline);
      if (stored === undefined || stored.notices.length === 0) return stored;
      const { image, pushed } = await fold(stored);
      if (image === undefined) return stored;
      try {
        return await store.write(stored, image, deadline, { pushed, takesIn: true });
      } catch (error) {
        if (!(error instanceof StateChangedError)) throw error;
      }
    }
    // The entry that was made before may have been removed since, when the image was opened and finished by others.
    if (stored !== undefined) await store.leaveToReview(stored, deadline);
  } catch {
    // There is an entry from before.
  }
  return stored;
}
