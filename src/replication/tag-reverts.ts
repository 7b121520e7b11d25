import { type Image, isLive } from './image.ts';
import type { ImageChanges } from './image-changes.ts';
import type { Ledger, StoredImage, TagId } from './ledger.ts';
import type { ImageId } from './notification.ts';
import { type ImageStore, updateWithRetry } from './store.ts';
import { tagPushes, withTagRevert } from './tag-history.ts';

/** When a tag came back to an image, as far as the images tell that it pointed at meanwhile. */
export async function findTagRevert(
  image: Image,
  tag: string,
  ledger: Pick<Ledger, 'images' | 'tags'>,
): Promise<number | undefined> {
  const { registry, repository, digest } = image.id;
  const timeline = tagPushes(tag, await readTagImages(ledger, { registry, repository, tag }, [image]));
  return timeline.find((push) => push.digest === digest)?.revertedAtMs;
}

interface ReturnPorts {
  readonly ledger: Ledger;
  readonly store: ImageStore;
  readonly changes: ImageChanges;
  readonly now: () => Date;
}

/**
 * Has the newest image of each of this image's tags know that the tag came back to it, where only this image shows
 * that it did: this one's notices may come after all of those of the return.
 *
 * Whoever records a return looks for images like this one after it is stored, and this looks at the other image after
 * this one is stored, so that one of both sees what the other did.
 */
export async function propagateTagReverts(image: Image, ports: ReturnPorts): Promise<void> {
  for (const { tag } of image.references) if (tag !== undefined) await propagateTagRevert(image, tag, ports);
}

async function propagateTagRevert(image: Image, tag: string, ports: ReturnPorts): Promise<void> {
  const { ledger, store, changes, now } = ports;
  const { registry, repository, digest } = image.id;
  const [own] = tagPushes(tag, [image]);
  const candidates = await ledger.tags.read({ registry, repository, tag });
  // Mostly nothing was pushed under the tag since, and this is all that it costs.
  const isNewest = candidates.every((one) => one.digest === digest || one.atMs <= (own?.pushedAtMs ?? 0));
  if (own === undefined || isNewest) return;
  const [newest] = tagPushes(tag, await readTagImages(ledger, { registry, repository, tag }, [image]));
  if (newest?.revertedAtMs === undefined || newest.digest === digest) return;
  const stored = await store.read({ registry, repository, digest: newest.digest });
  if (stored === undefined) return;
  const told = await storeTagRevert(stored, tag, newest.revertedAtMs, store, now);
  if (told !== undefined && told !== stored) changes.notify(told.image.id);
}

/** @returns what is stored in the end; the same when the return was known. */
export const storeTagRevert = (
  stored: StoredImage,
  tag: string,
  revertedAtMs: number | undefined,
  store: ImageStore,
  now: () => Date,
): Promise<StoredImage | undefined> =>
  updateWithRetry(store, stored, (image) => {
    const reference = image.references.find((one) => one.tag === tag);
    if (reference === undefined || !isLive(image, reference)) return image;
    return withTagRevert(image, tag, revertedAtMs, now().getTime());
  });

/** Notices of so many pushes of one tag have to be out of order before the newest one is missed. */
const consideredImages = 4;

/** The images that a tag pointed at last. */
export async function readTagImages(
  { images, tags }: Pick<Ledger, 'images' | 'tags'>,
  tag: TagId,
  known: readonly Image[] = [],
): Promise<Image[]> {
  const { registry, repository } = tag;
  const candidates = (await tags.read(tag)).slice(0, consideredImages);
  const read = candidates
    .filter(({ digest }) => known.every(({ id }) => id.digest !== digest))
    .map(async ({ digest }) => {
      const id: ImageId = { registry, repository, digest };
      return (await images.read(id))?.image;
    });
  const found = await Promise.all(read);
  return [...known, ...found.filter((image) => image !== undefined)];
}
