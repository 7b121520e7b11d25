import type { Region } from '../registries/replica.ts';
import { digestFacts, type Image } from './image.ts';

/**
 * How long copies took, in ms, by region and size class; the newest samples are last. The class `all` has the samples of
 * every size.
 */
export type CopyTimes = Readonly<Record<Region, Readonly<Record<string, readonly number[]>>>>;

/** Samples of one region and size class; enough for a median that follows what changes. */
const keptSamples = 32;

/**
 * The classes do not tell how often images of each size are pushed, so their samples together are no sample of a
 * region's copies. These are, and ten of them lie beyond the 95th percentile.
 */
const allSizes = 'all';
const keptSamplesOfAll = 200;

/**
 * The class of a manifest's size, which is all that a notification has of an image's size. Manifests of about the same
 * size name about as many layers. Each class holds sizes of the same number of decimal digits.
 */
export const sizeClass = (sizeBytes: number | undefined): string =>
  sizeBytes === undefined ? 'unknown' : `${10 ** (String(Math.round(sizeBytes)).length - 1)} B`;

/** How long each region took to get an image, in ms since evenkeel first heard of it. */
export function copyTimesOf(image: Image): Map<Region, number> {
  const times = new Map<Region, number>();
  for (const { region, learnedAtMs, evidence } of digestFacts(image)) {
    // The time of a read is not that of the arrival.
    if (evidence !== 'webhook' && evidence !== 'event') continue;
    const ms = Math.max(0, learnedAtMs - image.firstSeenMs);
    times.set(region, Math.min(ms, times.get(region) ?? ms));
  }
  return times;
}

/** Adds the copy times of an image; only the newest samples stay. */
export function learnCopyTimes(known: CopyTimes, image: Image): CopyTimes {
  const name = sizeClass(image.sizeBytes);
  const learned = [...copyTimesOf(image)].map(([region, ms]) => {
    const classes = known[region] ?? {};
    const samples = [...(classes[name] ?? []), ms].slice(-keptSamples);
    const all = [...(classes[allSizes] ?? []), ms].slice(-keptSamplesOfAll);
    return [region, { ...classes, [name]: samples, [allSizes]: all }] as const;
  });
  return { ...known, ...Object.fromEntries(learned) };
}

/**
 * Estimates how long an image will still take to reach its slowest missing region, in ms. The estimate is the median of
 * the past copies that took longer than this one has taken already, less the time that has passed.
 *
 * @returns `undefined` when nothing comparable was learned, or this copy takes longer than all of them.
 */
export function estimateRemainingMs(
  known: CopyTimes,
  missing: readonly Region[],
  sizeBytes: number | undefined,
  elapsedMs: number,
): number | undefined {
  const name = sizeClass(sizeBytes);
  const estimates = missing.map((region) => {
    const classes = known[region] ?? {};
    // Earlier versions stored no class `all`.
    const samples = classes[name] ?? classes[allSizes] ?? Object.values(classes).flat();
    const longer = samples.filter((ms) => ms > elapsedMs).sort((a, b) => a - b);
    const median = longer[Math.floor((longer.length - 1) / 2)];
    return median === undefined ? undefined : median - elapsedMs;
  });
  if (estimates.length === 0) return undefined;
  const certain = estimates.filter((ms) => ms !== undefined);
  return certain.length === estimates.length ? Math.max(...certain) : undefined;
}

/** How long the last copies to a region took. */
export interface CopyTimeStats {
  readonly region: Region;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The share of the copies that took no longer than the objective, from 0 to 1. */
  readonly withinObjective: number;
}

/**
 * The copy times of each region, sorted by its name. A percentile is the smallest sample that is not exceeded by so many
 * of them (nearest rank), so the 95th of fewer than 20 samples is the slowest. An image that is still missing is none.
 */
export function copyTimeStats(known: CopyTimes, objectiveMs: number): CopyTimeStats[] {
  return Object.keys(known)
    .sort()
    .flatMap((region) => {
      const sorted = (known[region]?.[allSizes] ?? []).toSorted((a, b) => a - b);
      const [p50Ms, p95Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.95)];
      if (p50Ms === undefined || p95Ms === undefined) return [];
      const within = sorted.filter((ms) => ms <= objectiveMs).length;
      return [{ region, samples: sorted.length, p50Ms, p95Ms, withinObjective: within / sorted.length }];
    });
}

/** @param share rounded up to the next sample, with room for what a float cannot hold. */
const percentile = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.ceil(share * sorted.length - 1e-9) - 1];
