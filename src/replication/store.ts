import QuickLRU from 'quick-lru';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import { type Image, type ImageId, imageKey } from './image.ts';
import type { Ledger, StoredImage, TagCandidate, TagId } from './ledger.ts';
import { markFinished } from './verdict.ts';

/** Reads and writes images so that the index of open ones is never behind them. */
export interface ImageStore {
  /** Reads the image as this process knows it. It may be out of date, which is good enough where a write follows. */
  readCached(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
  /** Reads the image as it is stored. */
  read(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
  /**
   * @param before `undefined` for a new image
   * @param pushed the tag that begins to point at the image, or does so again
   * @throws {StateChangedError} when the image changed after it was read: `read` it then, not `readCached`.
   */
  write(
    before: StoredImage | undefined,
    after: Image,
    deadline: Deadline,
    pushed?: PushedTag,
  ): Promise<StoredImage>;
}

export interface PushedTag {
  readonly tag: TagId;
  readonly candidate: TagCandidate;
}

/** Images that a push is under way for; each takes a few KB. */
const cachedImages = 500;

/**
 * Keeps the images that this process wrote, with their versions, so that the next notification of the same push costs
 * one conditional write and no read. A version that is out of date costs that write, and then a read.
 */
export function imageStore({ images, tags, open }: Ledger, now: () => Date): ImageStore {
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

  return {
    read,
    readCached: async (id, deadline) => cache.get(imageKey(id)) ?? read(id, deadline),
    async write(before, after, deadline, pushed) {
      const marked = markFinished(after, now().getTime());
      // A change may have the review look at an image again that has nothing open.
      const isUnfinished = marked.finishedAtMs === undefined || after.finishedAtMs === undefined;
      const opens = before === undefined || (before.image.finishedAtMs !== undefined && isUnfinished);
      // The entry of a finished image has left the index or is about to, and so may be an entry that a crash left.
      // With a generation that no other had, the new entry cannot be taken for an old one.
      const last = before?.image.generation ?? 0;
      const generation = opens ? Math.max(last + 1, now().getTime()) : last;
      const image = { ...marked, generation };
      // These come before the image: a crash may leave an entry without an image, but never an image without an entry.
      await Promise.all([
        opens ? open.add(image.id, generation, deadline) : undefined,
        pushed && tags.add(pushed.tag, pushed.candidate, deadline),
      ]);
      try {
        return addToCache(
          before === undefined
            ? await images.insert(image, deadline)
            : await images.update(image, before.version, deadline),
        );
      } catch (error) {
        if (error instanceof StateChangedError) cache.delete(imageKey(image.id));
        throw error;
      }
    },
  };
}

const maxRetries = 10;

/**
 * Changes an image, and tries again with the image as it is stored then whenever somebody else was first.
 * @param change returns the same image when there is nothing to change.
 * @returns what is stored in the end; `undefined` when the image is gone.
 * @throws {StateChangedError} when others were always first.
 */
export async function updateWithRetry(
  store: ImageStore,
  from: StoredImage,
  change: (image: Image) => Image,
  deadline: Deadline,
): Promise<StoredImage | undefined> {
  let stored: StoredImage | undefined = from;
  for (let retries = 0; stored !== undefined; retries += 1) {
    const before: StoredImage = stored;
    const after = change(before.image);
    if (after === before.image) return before;
    try {
      return await store.write(before, after, deadline);
    } catch (error) {
      if (!(error instanceof StateChangedError) || retries >= maxRetries) throw error;
      stored = await store.read(before.image.id, deadline);
    }
  }
  return undefined;
}
