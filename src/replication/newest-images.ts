import type { Deadline } from '../lib/deadline.ts';
import type { ProbeImage } from '../registries/ports.ts';
import type { Region } from '../registries/replica.ts';
import { digestFacts, type Image, isDeleted, regionsOf } from './image.ts';
import type { Ledger } from './ledger.ts';

/** An image that every expected region had. */
export interface NewestImage {
  readonly repository: string;
  readonly digest: string;
  /** The regions that had it. */
  readonly regions: readonly Region[];
  /** When every expected region had it, in ms. */
  readonly replicatedAtMs: number;
}

/** The newest images of each registry that are known to be everywhere. Throws `StateUnavailableError`. */
export interface NewestImageStore {
  /** @param registry its login server. @returns the newest first; empty when none is stored. */
  read(registry: string, deadline: Deadline): Promise<readonly NewestImage[]>;
  /** Replaces what is stored. Two reviews at the same moment may lose each other's images: later ones follow. */
  write(registry: string, images: readonly NewestImage[], deadline: Deadline): Promise<void>;
}

/** When the newest is deleted, there are others. */
const keptImages = 5;

/**
 * The newest images, with those of a review.
 * @returns the same value when nothing is new.
 */
export function withNewest(
  known: readonly NewestImage[],
  finished: readonly Image[],
): readonly NewestImage[] {
  const found = finished.flatMap((image): NewestImage[] => {
    const { id, replicatedAtMs } = image;
    if (replicatedAtMs === undefined || isDeleted(image)) return [];
    const regions = [...regionsOf(digestFacts(image))].sort();
    return [{ repository: id.repository, digest: id.digest, regions, replicatedAtMs }];
  });
  const keyOf = ({ repository, digest }: NewestImage) => `${repository}@${digest}`;
  const byKey = new Map(known.map((image) => [keyOf(image), image]));
  const isNews = (image: NewestImage) =>
    image.replicatedAtMs > (byKey.get(keyOf(image))?.replicatedAtMs ?? Number.NEGATIVE_INFINITY);
  const news = found.filter(isNews);
  if (news.length === 0) return known;
  for (const image of news) byKey.set(keyOf(image), image);
  return [...byKey.values()].sort((a, b) => b.replicatedAtMs - a.replicatedAtMs).slice(0, keptImages);
}

/**
 * The newest image that is known to be everywhere, and not known to be deleted since. Calls: one read, and one for each
 * image until one is found that is there; an image that the ledger has forgotten may be there still.
 * @param registry its login server.
 * @throws {StateUnavailableError}
 */
export async function newestReplicated(
  registry: string,
  { ledger, newest }: { readonly ledger: Pick<Ledger, 'images'>; readonly newest: NewestImageStore },
  deadline: Deadline,
): Promise<ProbeImage | undefined> {
  for (const { repository, digest, regions } of await newest.read(registry, deadline)) {
    const stored = await ledger.images.read({ registry, repository, digest }, deadline);
    if (stored === undefined || !isDeleted(stored.image)) return { repository, reference: digest, regions };
  }
  return undefined;
}
