import type { Deadline } from '../lib/deadline.ts';
import { withExpectedRegions } from './expected-regions.ts';
import { type Fact, type Image, isLive, type Reference, waitingAnew, wasRead } from './image.ts';
import type { Ledger, StoredImage } from './ledger.ts';
import type { ImagePorts } from './ports.ts';
import { updateWithRetry } from './store.ts';
import { meaningOfRevert, readTagHistory, type TagPush, tagPushes } from './tag-history.ts';

/**
 * The image with a revert of one of its tags. A new one begins an episode of the tag: facts from before it count no more.
 * Nor does what was read for the tag: its time is evenkeel's, which may be ahead of that of the registry. It still says that
 * the digest was there.
 */
export function withTagRevert(
  image: Image,
  tag: string,
  found: FoundRevert | undefined,
  nowMs: number,
): Image {
  const known = image.references.find((reference) => reference.tag === tag);
  if (found === undefined || known === undefined) return image;
  const meaning = meaningOfRevert(known, found);
  if (meaning === 'known') return image;
  const { revertedAtMs } = found;
  const replaced = (reference: Reference) =>
    image.references.map((one) => (one === known ? { ...reference, revertedAtMs } : one));
  if (meaning !== 'new') return { ...image, references: replaced(known) };
  return {
    ...image,
    references: replaced({
      ...waitingAnew(known, nowMs),
      facts: known.facts.filter((fact) => !wasRead(fact)),
    }),
    verified: newestByRegion([...image.verified, ...known.facts.filter(wasRead)]),
    verificationAttempts: 0,
    nextVerificationAtMs: undefined,
  };
}

/** One fact a region. */
const newestByRegion = (facts: readonly Fact[]): Fact[] => [
  ...new Map(facts.toSorted((a, b) => a.atMs - b.atMs).map((fact) => [fact.region, fact])).values(),
];

/** Times in ms, by the registry's clock; undefined where no revert was found. */
type FoundRevert = Pick<TagPush, 'revertedAtMs' | 'revertedFromMs'>;

/** Finds the last revert of a tag to an image, by the other images that the tag pointed at. */
export async function findTagRevert(
  image: Image,
  tag: string,
  ledger: Pick<Ledger, 'images' | 'tags'>,
  deadline: Deadline,
): Promise<FoundRevert | undefined> {
  const { registry, repository, digest } = image.id;
  const { pushes } = await readTagHistory({ registry, repository, tag }, ledger, deadline, image);
  return pushes.find((push) => push.digest === digest);
}

/**
 * Stores a revert of a tag that was found after the image was stored. Its episode waits for the replicas of now: one that
 * is ready by the next review was not there when it began.
 * @returns the stored image; the same when the revert was known, `undefined` when the image is gone.
 */
export async function storeTagRevert(
  stored: StoredImage,
  tag: string,
  found: FoundRevert | undefined,
  { store, directory, findRegistry, now }: StorePorts,
  deadline: Deadline,
): Promise<StoredImage | undefined> {
  if (found?.revertedAtMs === undefined) return stored;
  const registry = await findRegistry(stored.image.id.registry, deadline);
  const view = registry && (await directory.view(registry, deadline));
  const withRevert = (image: Image): Image => {
    const reference = image.references.find((one) => one.tag === tag);
    if (reference === undefined || !isLive(image, reference)) return image;
    const reverted = withTagRevert(image, tag, found, now().getTime());
    const isKnown = reverted === image || registry === undefined || view === undefined;
    return isKnown ? reverted : withExpectedRegions(reverted, registry, view);
  };
  return updateWithRetry(store, stored, withRevert, deadline);
}

type StorePorts = Pick<ImagePorts, 'store' | 'directory' | 'findRegistry' | 'now'>;
type RevertPorts = Pick<ImagePorts, 'ledger' | 'changes'> & StorePorts;

/** The image with a tag that is waited for again: what it moved on to was withdrawn. */
const withoutSuperseded = (image: Image, tag: string): Image => ({
  ...image,
  references: image.references.map((one) =>
    one.tag === tag && one.supersededAtMs !== undefined ? { ...one, supersededAtMs: undefined } : one,
  ),
});

/**
 * Stores what follows from an image in the newest images of its tags: reverts, and that they are the newest again. A
 * tag may have pointed at `image` between two pushes of the newest one, and the notifications of `image` may arrive
 * after both; or what a region told of `image` last was withdrawn.
 *
 * The recorder of a push looks for such images after it has stored the push, and this function looks for the newest
 * image after `image` is stored. So one of the two sees what the other did.
 */
export async function propagateTagReverts(
  image: Image,
  ports: RevertPorts,
  deadline: Deadline,
): Promise<void> {
  for (const { tag } of image.references) {
    if (tag !== undefined) await propagateTagRevert(image, tag, ports, deadline);
  }
}

async function propagateTagRevert(
  image: Image,
  tag: string,
  ports: RevertPorts,
  deadline: Deadline,
): Promise<void> {
  const { ledger, store, changes } = ports;
  const { registry, repository, digest } = image.id;
  const [own] = tagPushes(tag, [image]);
  const candidates = await ledger.tags.read({ registry, repository, tag }, deadline);
  // Mostly nothing was pushed under the tag since, and then the propagation costs this one read.
  const isNewest = candidates.every((one) => one.digest === digest || one.atMs <= (own?.pushedAtMs ?? 0));
  if (own === undefined || isNewest) return;
  const { images, pushes } = await readTagHistory({ registry, repository, tag }, ledger, deadline, image);
  const [newest] = pushes;
  if (newest === undefined || newest.digest === digest) return;
  const references = images.find(({ id }) => id.digest === newest.digest)?.references ?? [];
  const isSuperseded = references.some((one) => one.tag === tag && one.supersededAtMs !== undefined);
  if (newest.revertedAtMs === undefined && !isSuperseded) return;
  const stored = await store.read({ registry, repository, digest: newest.digest }, deadline);
  if (stored === undefined) return;
  const reverted = await storeTagRevert(stored, tag, newest, ports, deadline);
  const written =
    reverted === undefined || !isSuperseded
      ? reverted
      : await updateWithRetry(store, reverted, (before) => withoutSuperseded(before, tag), deadline);
  if (written !== undefined && written !== stored) changes.notify(written.image.id);
}
