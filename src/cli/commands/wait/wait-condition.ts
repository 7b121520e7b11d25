import type { Region } from '../../../registries/replica.ts';
import type { RegionState, Replication } from './answer.ts';
import type { ImageReference } from './image-reference.ts';

/** What has to be true before the wait is over. */
export interface WaitCondition {
  readonly image: ImageReference;
  /** `all`: the regions that the app expects. */
  readonly regions: 'all' | readonly Region[];
  readonly minEvidence: MinEvidence;
  /** Whether to keep waiting for an image whose objective has passed. */
  readonly throughStall: boolean;
  readonly timeoutMs: number;
}

/**
 * From the weakest: a webhook is a plain call with a shared secret, an event comes from Event Grid, and `verified`
 * means that the regional endpoint was asked. `any` also accepts kinds of evidence that this version does not know.
 */
export const minEvidences = ['any', 'webhook', 'event', 'verified'] as const;
export type MinEvidence = (typeof minEvidences)[number];

/**
 * Whether the condition holds. Only the app knows which regions it expects, so without named regions only its word
 * that the image is everywhere will do.
 */
export function isMet(image: Replication, isEverywhere: boolean, condition: WaitCondition): boolean {
  if (condition.regions !== 'all') return missingRegions(image, condition).length === 0;
  return isEverywhere && (condition.minEvidence === 'any' || missingRegions(image, condition).length === 0);
}

/** Whether the region has the image, by sufficient evidence. */
export const satisfies = ({ state, evidence }: RegionState, { minEvidence }: WaitCondition): boolean =>
  state === 'available' && (minEvidence === 'any' || strengthOf(evidence) >= strengthOf(minEvidence));

/** The regions that the wait is for. Those that the app does not list are in `unknown`. */
export function awaitedRegions(
  image: Replication,
  { regions }: WaitCondition,
): { readonly known: readonly RegionState[]; readonly unknown: readonly Region[] } {
  if (regions === 'all') return { known: image.regions, unknown: [] };
  return {
    known: image.regions.filter(({ region }) => regions.includes(region)),
    unknown: regions.filter((name) => !image.regions.some(({ region }) => region === name)),
  };
}

/** How many of the awaited regions have the image by sufficient evidence. */
export function countRegions(
  image: Replication,
  condition: WaitCondition,
): { readonly arrived: number; readonly total: number } {
  const { known, unknown } = awaitedRegions(image, condition);
  const arrived = known.filter((region) => satisfies(region, condition)).length;
  return { arrived, total: known.length + unknown.length };
}

/** The awaited regions that are still missing, in the app's order. */
export function missingRegions(image: Replication, condition: WaitCondition): readonly Region[] {
  const { known, unknown } = awaitedRegions(image, condition);
  return [...known.filter((state) => !satisfies(state, condition)).map(({ region }) => region), ...unknown];
}

const ladder: readonly string[] = minEvidences;

/** -1 for evidence of an unknown kind, and for none. */
const strengthOf = (evidence: string | null | undefined): number =>
  evidence ? ladder.indexOf(evidence) : -1;
