import type { Image } from './image.ts';
import type { ImageId } from './notification.ts';
import type { Ledger, TagId } from './ports.ts';

/** Notices of so many pushes of one tag have to be out of order before the newest one is missed. */
const consideredImages = 4;

/** The images that a tag pointed at last. */
export async function tagImages(
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
