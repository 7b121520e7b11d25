import type { Region } from '../registries/replica.ts';

/**
 * What was told of an image's deletions. Times are ms by the registry's clock.
 *
 * A deletion travels from region to region, like a push, and each region tells its own. A push may follow while a
 * deletion is still travelling, so a deletion says nothing of the pushes that other regions told after the first
 * region deleted the image.
 */
export interface Deletions {
  /** The times that each region told, in their order. */
  readonly byRegion: Readonly<Record<Region, readonly number[]>>;
  /** The newest deletion whose notification named no region. It concerns all regions. */
  readonly regionlessAtMs: number | undefined;
}

export const noDeletions: Deletions = { byRegion: {}, regionlessAtMs: undefined };

/** A region's webhook and its event tell the same deletion once each, perhaps not at the same moment. */
const sameDeletionMs = 1_000;

/** As many deletions of one digest as matter: the travelling ones, and those that a late push may belong to. */
const maxTold = 8;

/**
 * The deletions with one more.
 * @param region `undefined` when the notification names none
 * @returns the same value when nothing is new
 */
export function withDeletion(deletions: Deletions, region: Region | undefined, atMs: number): Deletions {
  if (region === undefined) {
    const isNew = atMs > (deletions.regionlessAtMs ?? Number.NEGATIVE_INFINITY);
    return isNew ? { ...deletions, regionlessAtMs: atMs } : deletions;
  }
  const told = deletions.byRegion[region] ?? [];
  const [oldest] = told;
  if (told.includes(atMs) || (oldest !== undefined && told.length >= maxTold && atMs < oldest)) {
    return deletions;
  }
  const times = [...told, atMs].sort((a, b) => a - b).slice(-maxTold);
  return { ...deletions, byRegion: { ...deletions.byRegion, [region]: times } };
}

/**
 * When the image was deleted the last time, in the region where it was deleted first.
 *
 * The k-th deletion that a region tells is the k-th of the image. So the last deletion is the one with the highest
 * number that any region told, and it began where it was told with the earliest time.
 *
 * | eastus told  | westus told | the last deletion began at | because                                        |
 * |--------------|-------------|----------------------------|------------------------------------------------|
 * | 10:00        |             | 10:00                      | it has not reached westus, or its notice is lost |
 * | 10:00        | 10:20       | 10:00                      | it has arrived in westus                       |
 * | 10:00, 11:00 | 10:20       | 11:00                      | the second one is on its way to westus         |
 * | 10:00, 11:00 | 10:20, 11:05| 11:00                      |                                                |
 *
 * @returns `undefined` when no deletion was told
 */
export function lastDeletionMs({ byRegion, regionlessAtMs }: Deletions): number | undefined {
  const starts = Object.values(byRegion).map(deletionStarts);
  const most = Math.max(0, ...starts.map(({ length }) => length));
  if (most === 0) return regionlessAtMs;
  return Math.min(...starts.flatMap((times) => times[most - 1] ?? []));
}

/** The times of a region's deletions, without those that repeat the one before. */
const deletionStarts = (told: readonly number[]): number[] =>
  told.filter((atMs, index) => {
    const before = told[index - 1];
    return before === undefined || atMs - before > sameDeletionMs;
  });

/**
 * The time up to which the pushes of a region do not count: that of its own last deletion, or that of the image where
 * the region has not told it.
 * @returns a function of the region; `undefined` stands for a push whose notification named none
 */
export function deletionFloor(deletions: Deletions): (region: Region | undefined) => number {
  const { byRegion, regionlessAtMs = Number.NEGATIVE_INFINITY } = deletions;
  const lastMs = lastDeletionMs(deletions);
  if (lastMs === undefined) return () => Number.NEGATIVE_INFINITY;
  const floor = Math.max(lastMs, regionlessAtMs);
  return (region) => {
    const own = region === undefined ? undefined : byRegion[region]?.at(-1);
    return own === undefined ? floor : Math.max(own, floor);
  };
}

/** Whether a region told the last deletion, so that what it was pushed before and after that is known. */
export function hasToldLast(deletions: Deletions, region: Region): boolean {
  const lastMs = lastDeletionMs(deletions);
  const own = deletions.byRegion[region]?.at(-1);
  return lastMs !== undefined && own !== undefined && own >= lastMs;
}

/**
 * Whether the last deletion may still be on its way to a region, which then has an image that it will delete.
 * @param atMs when the region was asked
 * @param travelMs how long a deletion travels at most
 */
export function mayBeOnItsWay(deletions: Deletions, region: Region, atMs: number, travelMs: number): boolean {
  const { byRegion, regionlessAtMs = Number.NEGATIVE_INFINITY } = deletions;
  const lastMs = lastDeletionMs(deletions);
  if (lastMs === undefined) return false;
  const beganMs = Math.max(lastMs, regionlessAtMs);
  const ownMs = byRegion[region]?.at(-1) ?? Number.NEGATIVE_INFINITY;
  return ownMs < beganMs && atMs - beganMs <= travelMs;
}

/** When a region told last that it deleted the image; `undefined` when it never did. */
export function toldDeletionMs({ byRegion, regionlessAtMs }: Deletions, region: Region): number | undefined {
  const own = byRegion[region]?.at(-1);
  if (own === undefined || regionlessAtMs === undefined) return own ?? regionlessAtMs;
  return Math.max(own, regionlessAtMs);
}

export const isSameDeletions = (a: Deletions, b: Deletions): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = ({ byRegion, regionlessAtMs }: Deletions) => [
  Object.entries(byRegion).sort(([a], [b]) => (a < b ? -1 : 1)),
  regionlessAtMs,
];
