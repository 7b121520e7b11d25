import { StateChangedError } from '../state-errors.ts';
import type { Image } from './image.ts';
import type { StoredImage } from './ports.ts';
import type { ImageStore } from './store.ts';

const maxRounds = 10;

/**
 * Applies a change to an image, again and again until nobody else changed it in between.
 * @param change gives back the same image when there is nothing to change.
 * @returns what is stored in the end; `undefined` when the image is gone.
 * @throws {StateChangedError} when others were always first.
 */
export async function revise(
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
