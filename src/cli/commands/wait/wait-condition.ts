import type { Region } from '../../../registries/replica.ts';
import type { RegionState, Replication } from './answer.ts';
import type { ImageReference } from './image-reference.ts';

/** What has to be true before the wait is over. */
export interface WaitCondition {
  readonly image: ImageReference;
  /** `all`: those that the app expects. */
  readonly regions: 'all' | readonly Region[];
  readonly minEvidence: MinEvidence;
  /** Goes on waiting for an image whose objective has passed. */
  readonly throughStall: boolean;
  readonly timeoutMs: number;
}

/**
 * From the weakest: a webhook is a plain call with a shared secret, an event comes from Event Grid, and
 * `verified` means that the regional endpoint was asked. `any` also takes evidence of a kind unknown here.
 */
export const minEvidences = ['any', 'webhook', 'event', 'verified'] as const;
type MinEvidence = (typeof minEvidences)[number];

/** Whether the region has the image, by evidence that is good enough. */
export const satisfies = ({ state, evidence }: RegionState, { minEvidence }: WaitCondition): boolean =>
  state === 'available' && (minEvidence === 'any' || strengthOf(evidence) >= strengthOf(minEvidence));

const ladder: readonly string[] = minEvidences;
/** -1 of evidence that is of no known kind, or none. */
const strengthOf = (evidence: string | null | undefined): number =>
  evidence ? ladder.indexOf(evidence) : -1;

/** The regions that the wait is for; a wished region that the app does not tell of is in `unknown`. */
export function awaitedRegions(
  image: Replication,
  { regions }: WaitCondition,
): { readonly known: readonly RegionState[]; readonly unknown: readonly Region[] } {
  if (regions === 'all') return { known: image.regions, unknown: [] };
  const known = image.regions.filter(({ region }) => regions.includes(region));
  return { known, unknown: regions.filter((name) => !image.regions.some(({ region }) => region === name)) };
}

/** Regions that do not count yet, in the app's order. */
export function missingRegions(image: Replication, condition: WaitCondition): readonly Region[] {
  const { known, unknown } = awaitedRegions(image, condition);
  return [...known.filter((state) => !satisfies(state, condition)).map(({ region }) => region), ...unknown];
}

/**
 * The app alone knows which regions it expects, so that without named regions only its word that the image is
 * everywhere will do.
 */
export const isMet = (image: Replication, isEverywhere: boolean, condition: WaitCondition): boolean => {
  if (condition.regions !== 'all') return missingRegions(image, condition).length === 0;
  return isEverywhere && (condition.minEvidence === 'any' || missingRegions(image, condition).length === 0);
};
