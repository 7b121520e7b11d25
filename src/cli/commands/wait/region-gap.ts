import { count } from '../../output/text.ts';
import type { RegionState, Replication } from './answer.ts';
import { shortDigest } from './image-reference.ts';
import { type MinEvidence, minEvidences, type WaitCondition } from './wait-condition.ts';

/**
 * What a region still lacks of what is waited for, in a few words.
 *
 * | waited for            | the region                                          | lacks                          |
 * |-----------------------|-----------------------------------------------------|--------------------------------|
 * | the image             | has not shown it, or could not be asked             | its state                      |
 * | the image             | resolves the tag to another digest                  | that digest                    |
 * | `pullable`            | answered without a layer or the config              | these, by their digests        |
 * | evidence of a kind    | is known to have the image by a weaker kind         | that kind                      |
 * | the closure           | is not known to have the image of each platform     | how many are missing           |
 * | its end (`gone`)      | does not say that the image is gone                 | its state                      |
 *
 * @returns `undefined` where it lacks nothing.
 */
export function regionGap(
  region: RegionState,
  image: Replication,
  condition: WaitCondition,
): string | undefined {
  if (condition.gone) return region.state === 'gone' ? undefined : withReason(region, stillThere(region));
  if (region.state !== 'available') return withReason(region, region.state);
  const other = otherDigest(region, image);
  if (other !== undefined) return `resolves the tag to ${shortDigest(other)}`;
  return evidenceGap(region, condition) ?? closureGap(region, image, condition);
}

/** The digest that the tag has in a region, where it is not that of the image. */
export function otherDigest(
  { region, digest }: RegionState,
  { digest: wanted, diverged }: Replication,
): string | undefined {
  const found = diverged?.[region] ?? digest ?? undefined;
  return found === wanted ? undefined : found;
}

const stillThere = ({ state }: RegionState): string =>
  state === 'available' || state === 'present' ? 'still has it' : state;

const withReason = ({ reason }: RegionState, text: string): string => (reason ? `${text}: ${reason}` : text);

function evidenceGap(
  { evidence, pullable }: RegionState,
  { minEvidence }: WaitCondition,
): string | undefined {
  if (minEvidence === 'pullable' && pullable != null && pullable.missing.length > 0) {
    return `lacks ${listOf(pullable.missing)}`;
  }
  if (minEvidence === 'any' || strengthOf(evidence) >= strength[minEvidence]) return undefined;
  const reason = minEvidence === 'pullable' && pullable?.reason ? `: ${pullable.reason}` : '';
  return `${evidence ? `${evidence}, ` : ''}not ${minEvidence} yet${reason}`;
}

/** `webhook` is a plain call with a shared secret and `event` comes from Event Grid; both are the word of the region. */
const strength: Readonly<Record<MinEvidence, number>> = {
  any: 0,
  webhook: 1,
  event: 1,
  verified: 2,
  pullable: 3,
};

/** -1 for evidence of an unknown kind, and for none. */
const strengthOf = (evidence: string | null | undefined): number => {
  const kind = minEvidences.find((known) => known === evidence);
  return kind === undefined ? -1 : strength[kind];
};

function closureGap(
  { region }: RegionState,
  { closure }: Replication,
  condition: WaitCondition,
): string | undefined {
  if (!condition.closure) return undefined;
  if (closure == null) return 'its platforms are not known yet';
  const missing = closure.children.filter(({ available }) => !available.includes(region));
  if (missing.length === 0) return undefined;
  return `lacks ${count(missing.length, 'platform image')} (${listOf(missing.map(({ digest }) => digest))})`;
}

/** As many digests as fit on a line. */
const listed = 3;

function listOf(digests: readonly string[]): string {
  const more = digests.length > listed ? `, ${digests.length - listed} more` : '';
  return `${digests.slice(0, listed).map(shortDigest).join(', ')}${more}`;
}
