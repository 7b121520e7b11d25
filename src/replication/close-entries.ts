import type { Deadline } from '../lib/deadline.ts';
import type { Region } from '../registries/replica.ts';
import { noCopies, uncountedOf, withCopies } from './copies-of-day.ts';
import { copyTimesOf, learnCopyTimes } from './copy-times.ts';
import { type Image, imageKey } from './image.ts';
import type { Ledger, OpenEntry } from './ledger.ts';
import { type NewestImageStore, withNewest } from './newest-images.ts';
import { lastPushesOf } from './retention.ts';

export interface FinishedImage {
  readonly entry: OpenEntry;
  readonly image: Image;
}

export interface ClosePorts {
  readonly ledger: Ledger;
  readonly newest: NewestImageStore;
  /** Receives how long the copies of finished images took, in ms. */
  readonly onCopied: (loginServer: string, region: Region, ms: number) => void;
  readonly now: () => Date;
}

/** An image that something went wrong with. */
export interface ImageFailure {
  readonly image: string;
  readonly error: Error;
}

/**
 * Moves finished images from one index to the other, and removes orphans. Entries leave the index of open images after
 * their images are in the other, so that no image is in neither. Never throws.
 *
 * @returns the entries that could not be moved, and stay open.
 */
export async function closeEntries(
  { ledger, newest, onCopied, now }: ClosePorts,
  done: readonly FinishedImage[],
  orphans: readonly OpenEntry[],
  deadline: Deadline,
): Promise<ImageFailure[]> {
  const refused = await ledger.finished.add(
    done.map(({ entry: { id, generation }, image }) => ({
      ...{ id, generation, finishedAtMs: image.finishedAtMs ?? 0, tags: lastPushesOf(image) },
    })),
    deadline,
  );
  const unmoved = new Set(refused.map(({ entry }) => imageKey(entry.id)));
  const moved = done.filter(({ entry }) => !unmoved.has(imageKey(entry.id)));
  const byRegistry = Map.groupBy(moved, ({ entry }) => entry.id.registry);
  for (const [registry, finished] of byRegistry) {
    const images = finished.map(({ image }) => image);
    for (const [region, ms] of images.flatMap((image) => [...copyTimesOf(image)])) {
      onCopied(registry, region, ms);
    }
    await Promise.all([
      storeCopyTimes(ledger, registry, images, now().getTime(), deadline),
      storeNewest(newest, registry, images, deadline),
    ]);
  }
  const left = await ledger.open.remove([...moved.map(({ entry }) => entry), ...orphans], deadline);
  return [...refused, ...left].map(({ entry, error }) => ({ image: imageKey(entry.id), error }));
}

async function storeCopyTimes(
  { copyTimes }: Ledger,
  registry: string,
  images: readonly Image[],
  nowMs: number,
  deadline: Deadline,
): Promise<void> {
  try {
    const known = await copyTimes.read(registry, deadline);
    const replicated = images.filter(({ replicatedAtMs }) => replicatedAtMs !== undefined);
    const before = known?.lastDay ?? noCopies;
    const times = uncountedOf(before, replicated).reduce(learnCopyTimes, known?.times ?? {});
    const lastDay = withCopies(before, replicated, nowMs);
    await copyTimes.write(registry, times, known?.version, deadline, lastDay);
  } catch {
    // Another review stored its times at the same moment, or storage failed. Estimates do without these samples.
  }
}

async function storeNewest(
  newest: NewestImageStore,
  registry: string,
  images: readonly Image[],
  deadline: Deadline,
): Promise<void> {
  try {
    const known = await newest.read(registry, deadline);
    const next = withNewest(known, images);
    if (next !== known) await newest.write(registry, next, deadline);
  } catch {
    // Older images serve as well until others are replicated.
  }
}
