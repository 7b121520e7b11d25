import QuickLRU from 'quick-lru';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../lib/errors.ts';
import { boundImage } from './bound-image.ts';
import { type Image, type ImageId, imageKey } from './image.ts';
import type { Ledger, Notice, StoredImage, TagCandidate, TagId } from './ledger.ts';
import { markFinished } from './verdict.ts';

/** Reads and writes images so that the index of open ones is never behind them. */
export interface ImageStore {
  /** Reads the image as this process knows it. It may be out of date, which is good enough where a write follows. */
  readCached(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
  /** Reads the image as it is stored. */
  read(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
  /**
   * @param before `undefined` for a new image
   * @throws {StateChangedError} when the image changed after it was read: `read` it then, not `readCached`.
   */
  write(
    before: StoredImage | undefined,
    after: Image,
    deadline: Deadline,
    write?: ImageWrite,
  ): Promise<StoredImage>;
  /**
   * Stores notifications beside an image, which always succeeds while the image exists and has room. The review takes
   * them in, if nobody does before.
   *
   * @returns false when there is no such image.
   * @throws {StateRefusedError} when there is no room.
   */
  append(
    before: StoredImage,
    notices: readonly Notice[],
    deadline: Deadline,
    pushed: readonly PushedTag[],
  ): Promise<boolean>;
  /** Has the review look at an image, whatever becomes of its other entries. */
  leaveToReview(stored: StoredImage, deadline: Deadline): Promise<void>;
  /** Waits before the next attempt, after some lost races, and not past the deadline. */
  pause(lostRaces: number, deadline: Deadline): Promise<void>;
}

interface ImageWrite {
  /** The tags that begin to point at the image, or do so again. */
  readonly pushed?: readonly PushedTag[];
  /** Whether the image holds what the notifications beside it say. Otherwise they stay. */
  readonly takesIn?: boolean;
}

export interface PushedTag {
  readonly tag: TagId;
  readonly candidate: TagCandidate;
}

interface ImageStoreOptions {
  readonly ledger: Pick<Ledger, 'images' | 'tags' | 'open'>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Images that a push is under way for; each takes a few KB. */
const cachedImages = 500;

/** The longest pause after the first lost race; each later one may be twice as long. */
const firstPauseMs = 20;
const longestPauseMs = 640;

/**
 * Keeps the images that this process wrote, with their versions, so that the next notification of the same push costs
 * one conditional write and no read. A version that is out of date costs that write, and then a read.
 */
export function imageStore({ ledger, now, sleep, random }: ImageStoreOptions): ImageStore {
  const { images, tags, open } = ledger;
  const cache = new QuickLRU<string, StoredImage>({ maxSize: cachedImages });

  function addToCache(stored: StoredImage): StoredImage {
    cache.set(imageKey(stored.image.id), stored);
    return stored;
  }

  async function read(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined> {
    const stored = await images.read(id, deadline);
    if (stored === undefined) cache.delete(imageKey(id));
    return stored && addToCache(stored);
  }

  /** With a generation that no other had, a new entry cannot be taken for an old one. */
  const nextGeneration = (before: StoredImage | undefined): number =>
    Math.max((before?.image.generation ?? 0) + 1, now().getTime());

  const addTags = (pushed: readonly PushedTag[], deadline: Deadline) =>
    pushed.map(({ tag, candidate }) => tags.add(tag, candidate, deadline));

  return {
    read,
    readCached: async (id, deadline) => cache.get(imageKey(id)) ?? read(id, deadline),
    async write(before, after, deadline, { pushed = [], takesIn = false } = {}) {
      const marked = markFinished(after, now().getTime());
      // A change may have the review look at an image again that has nothing open.
      const isUnfinished = marked.finishedAtMs === undefined || after.finishedAtMs === undefined;
      const opens = before === undefined || (before.image.finishedAtMs !== undefined && isUnfinished);
      // The entry of a finished image has left the index or is about to, and so may be an entry that a crash left.
      const generation = opens ? nextGeneration(before) : before.image.generation;
      const image = boundImage({ ...marked, generation });
      // These come before the image: a crash may leave an entry without an image, but never an image without an entry.
      await Promise.all([
        opens ? open.add(image.id, generation, deadline) : undefined,
        ...addTags(pushed, deadline),
      ]);
      try {
        return addToCache(
          before === undefined
            ? await images.insert(image, deadline)
            : await images.update(image, before.version, deadline, takesIn ? [] : before.notices),
        );
      } catch (error) {
        // After any other failure it is not known which version is stored.
        cache.delete(imageKey(image.id));
        throw error;
      }
    },
    async append(before, notices, deadline, pushed) {
      const { id } = before.image;
      // As for a write. The image may be finished by now, so an entry that it had does not count.
      await Promise.all([open.add(id, nextGeneration(before), deadline), ...addTags(pushed, deadline)]);
      cache.delete(imageKey(id));
      return images.append(id, notices, deadline);
    },
    leaveToReview: (stored, deadline) => open.add(stored.image.id, nextGeneration(stored), deadline),
    pause(lostRaces, deadline) {
      const pauseMs = random() * Math.min(firstPauseMs * 2 ** lostRaces, longestPauseMs);
      return sleep(Math.min(pauseMs, deadline.remainingMs()));
    },
  };
}

/**
 * Changes an image, and tries again with the image as it is stored then whenever somebody else was first, for as long as
 * there is time.
 *
 * @param change returns the same image when there is nothing to change.
 * @returns what is stored in the end; `undefined` when the image is gone.
 * @throws {StateUnavailableError} when others were always first.
 */
export async function updateWithRetry(
  store: ImageStore,
  from: StoredImage,
  change: (image: Image) => Image,
  deadline: Deadline,
): Promise<StoredImage | undefined> {
  let stored: StoredImage | undefined = from;
  for (let lost = 0; stored !== undefined; lost += 1) {
    const before: StoredImage = stored;
    const after = change(before.image);
    if (after === before.image) return before;
    try {
      return await store.write(before, after, deadline);
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      if (deadline.remainingMs() <= 0) {
        throw new StateUnavailableError(`a change of ${imageKey(before.image.id)}`, 1_000, { cause: error });
      }
      await store.pause(lost, deadline);
      stored = await store.read(before.image.id, deadline);
    }
  }
  return undefined;
}
