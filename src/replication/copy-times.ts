import type { Region } from '../registries/replica.ts';
import { digestFacts, type Image } from './image.ts';
import type { CopyTimes } from './ledger.ts';

/** Of one region and size class; enough for a median that follows what changes. */
const keptSamples = 32;

/**
 * Manifests of about the same size name about as many layers, and the size of the manifest is all that a notice
 * tells. Each class holds sizes of the same number of decimal digits.
 */
export const sizeClass = (sizeBytes: number | undefined): string =>
  sizeBytes === undefined ? 'unknown' : `${10 ** (String(Math.round(sizeBytes)).length - 1)} B`;

/** How long each region took to get an image, in ms since evenkeel first heard of it. */
export function copyTimesOf(image: Image): Map<Region, number> {
  const times = new Map<Region, number>();
  for (const { region, learnedAtMs, evidence } of digestFacts(image)) {
    // When a manifest was read says when somebody looked, not when it arrived.
    if (evidence === 'verified') continue;
    const ms = Math.max(0, learnedAtMs - image.firstSeenMs);
    times.set(region, Math.min(ms, times.get(region) ?? ms));
  }
  return times;
}

/** The newest samples stay. */
export function learnCopyTimes(known: CopyTimes, image: Image): CopyTimes {
  const name = sizeClass(image.sizeBytes);
  const learned = [...copyTimesOf(image)].map(([region, ms]) => {
    const classes = known[region] ?? {};
    const samples = [...(classes[name] ?? []), ms].slice(-keptSamples);
    return [region, { ...classes, [name]: samples }] as const;
  });
  return { ...known, ...Object.fromEntries(learned) };
}

/**
 * How long an image will still take, in ms: of the past copies to the slowest missing region that took longer than
 * this one has taken already, the median, less the time that is over.
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
    const samples = classes[name] ?? Object.values(classes).flat();
    const longer = samples.filter((ms) => ms > elapsedMs).sort((a, b) => a - b);
    const median = longer[Math.floor((longer.length - 1) / 2)];
    return median === undefined ? undefined : median - elapsedMs;
  });
  if (estimates.length === 0) return undefined;
  const certain = estimates.filter((ms) => ms !== undefined);
  return certain.length === estimates.length ? Math.max(...certain) : undefined;
}
