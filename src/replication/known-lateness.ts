import type { Region } from '../registries/replica.ts';
import { type ImageId, imageKey } from './image.ts';
import type { Lateness } from './lateness.ts';

type Counts = ReadonlyMap<string, ReadonlyMap<Region, number>>;

/** What the last reviews found of the lateness of images, so that one that ends early knows of the others too. */
export interface KnownLateness {
  /** @param lateness `undefined` for an image that has left the index. */
  note(id: ImageId, lateness: Lateness | undefined): void;
  /**
   * Ends a review.
   * @param isComplete whether it has seen every open image
   * @returns the images by registry and region; `undefined` while too little is known of those that it has not seen.
   */
  end(isComplete: boolean): { readonly late: Counts; readonly uncounted: Counts } | undefined;
}

/** What is older than this no longer counts. Every image is seen much sooner. */
const keptMs = 30 * 60 * 1000;

interface Noted {
  readonly id: ImageId;
  readonly lateness: Lateness;
  readonly atMs: number;
}

export function knownLateness(now: () => Date): KnownLateness {
  const images = new Map<string, Noted>();
  const seen = new Set<string>();
  let completeAtMs = Number.NEGATIVE_INFINITY;
  return {
    note(id, lateness) {
      const key = imageKey(id);
      seen.add(key);
      const isNothing = lateness === undefined || lateness.late.length + lateness.uncounted.length === 0;
      if (isNothing) images.delete(key);
      else images.set(key, { id, lateness, atMs: now().getTime() });
    },
    end(isComplete) {
      const nowMs = now().getTime();
      if (isComplete) completeAtMs = nowMs;
      for (const [key, { atMs }] of images) {
        if ((isComplete && !seen.has(key)) || nowMs - atMs > keptMs) images.delete(key);
      }
      seen.clear();
      if (nowMs - completeAtMs > keptMs) return undefined;
      const all = [...images.values()];
      return {
        late: countsOf(all.map(({ id, lateness }) => [id.registry, lateness.late])),
        uncounted: countsOf(all.map(({ id, lateness }) => [id.registry, lateness.uncounted])),
      };
    },
  };
}

function countsOf(found: readonly (readonly [registry: string, regions: readonly Region[]])[]): Counts {
  const counts = new Map<string, Map<Region, number>>();
  for (const [registry, regions] of found) {
    const ofRegistry = counts.get(registry) ?? new Map<Region, number>();
    for (const region of regions) ofRegistry.set(region, (ofRegistry.get(region) ?? 0) + 1);
    counts.set(registry, ofRegistry);
  }
  return counts;
}
