import type { Region } from '../../../registries/replica.ts';
import type { RegionState, Replication } from './answer.ts';
import { regionGap } from './region-gap.ts';
import type { WaitCondition } from './wait-condition.ts';

/**
 * Whether the condition holds. Only the app knows which regions it expects, so without named regions only its word
 * that the image is everywhere, or nowhere, will do. With named regions, the others do not matter.
 */
export function isMet(image: Replication, isEverywhere: boolean, condition: WaitCondition): boolean {
  if (condition.gone && isEverywhere) return true;
  if (condition.regions === 'all' && !isEverywhere) return false;
  return missingRegions(image, condition).length === 0;
}

/** Whether the region has the image, by sufficient evidence; or whether it is gone there. */
export const satisfies = (region: RegionState, image: Replication, condition: WaitCondition): boolean =>
  regionGap(region, image, condition) === undefined;

/**
 * The regions that the wait is for. Those that the app does not list are in `unknown`. The app also lists regions that
 * have the image although nobody waits for them; from them, too, it has to go.
 */
export function awaitedRegions(
  image: Replication,
  { regions, gone }: WaitCondition,
): { readonly known: readonly RegionState[]; readonly unknown: readonly Region[] } {
  if (regions === 'all') {
    const leftOut = new Set(gone ? [] : image.leftOut?.map(({ region }) => region));
    return { known: image.regions.filter(({ region }) => !leftOut.has(region)), unknown: [] };
  }
  return {
    known: image.regions.filter(({ region }) => regions.includes(region)),
    unknown: regions.filter((name) => !image.regions.some(({ region }) => region === name)),
  };
}

/** How many of the awaited regions satisfy the condition. */
export function countRegions(
  image: Replication,
  condition: WaitCondition,
): { readonly arrived: number; readonly total: number } {
  const { known, unknown } = awaitedRegions(image, condition);
  const arrived = known.filter((region) => satisfies(region, image, condition)).length;
  return { arrived, total: known.length + unknown.length };
}

/** The awaited regions that do not satisfy the condition yet, in the app's order. */
export function missingRegions(image: Replication, condition: WaitCondition): readonly Region[] {
  const { known, unknown } = awaitedRegions(image, condition);
  const missing = known.filter((state) => !satisfies(state, image, condition));
  return [...missing.map(({ region }) => region), ...unknown];
}
