import QuickLRU from 'quick-lru';
import { StateChangedError } from '../lib/errors.ts';
import { type Image, imageKey } from './image.ts';
import type { Ledger, StoredImage, TagCandidate, TagId } from './ledger.ts';
import type { ImageId } from './notification.ts';
import { markFinished } from './verdict.ts';

/** Reads and writes images so that the index of open ones is never behind them. */
export interface ImageStore {
  /** As this process knows it, which may be older than it is: good enough where a write follows. */
  readCached(id: ImageId): Promise<StoredImage | undefined>;
  /** As it is. */
  read(id: ImageId): Promise<StoredImage | undefined>;
  /**
   * @param pushed the tag that begins to point at the image, or does so again.
   * @throws {StateChangedError} when it changed after it was read: read it again, do not recall it.
   */
  write(before: StoredImage | undefined, after: Image, pushed?: Pushed): Promise<StoredImage>;
}

interface Pushed {
  readonly tag: TagId;
  readonly candidate: TagCandidate;
}

/** Images that a push is under way for; each takes a few KB. */
const rememberedImages = 500;

/**
 * An image that this process wrote is remembered with its version, so that the next notice of the same push costs one
 * conditional write and no read. A version that is out of date costs that write, and then a read.
 */
export function imageStore({ images, tags, open }: Ledger, now: () => Date): ImageStore {
  const remembered = new QuickLRU<string, StoredImage>({ maxSize: rememberedImages });
  const remember = (stored: StoredImage): StoredImage => {
    remembered.set(imageKey(stored.image.id), stored);
    return stored;
  };
  async function read(id: ImageId): Promise<StoredImage | undefined> {
    const stored = await images.read(id);
    if (stored === undefined) remembered.delete(imageKey(id));
    return stored && remember(stored);
  }
  return {
    read,
    readCached: async (id) => remembered.get(imageKey(id)) ?? read(id),
    async write(before, after, pushed) {
      const settled = markFinished(after, now().getTime());
      const opens =
        before === undefined ||
        (before.image.finishedAtMs !== undefined && settled.finishedAtMs === undefined);
      // A finished image is in the index no more, or about to leave it, and so may be an entry that a crash left: with
      // a generation that no other had, the new entry cannot be taken for an old one.
      const last = before?.image.generation ?? 0;
      const generation = opens ? Math.max(last + 1, now().getTime()) : last;
      const image = { ...settled, generation };
      // Before the image: what a crash leaves is an entry without an image, never an image without an entry.
      await Promise.all([
        opens ? open.add(image.id, generation) : undefined,
        pushed && tags.add(pushed.tag, pushed.candidate),
      ]);
      try {
        return remember(
          before === undefined ? await images.insert(image) : await images.update(image, before.version),
        );
      } catch (error) {
        if (error instanceof StateChangedError) remembered.delete(imageKey(image.id));
        throw error;
      }
    },
  };
}

const maxRounds = 10;

/**
 * Applies a change to an image, again and again until nobody else changed it in between.
 * @param change gives back the same image when there is nothing to change.
 * @returns what is stored in the end; `undefined` when the image is gone.
 * @throws {StateChangedError} when others were always first.
 */
export async function updateWithRetry(
  store: ImageStore,
  from: StoredImage,
  change: (image: Image) => Image,
): Promise<StoredImage | undefined> {
  let stored: StoredImage | undefined = from;
  for (let round = 0; stored !== undefined; round += 1) {
    const before: StoredImage = stored;
    const after = change(before.image);
    if (after === before.image) return before;
    try {
      return await store.write(before, after);
    } catch (error) {
      if (!(error instanceof StateChangedError) || round >= maxRounds) throw error;
      stored = await store.read(before.image.id);
    }
  }
  return undefined;
}
