import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { RegistryView } from '../registries/directory.ts';
import { isGone } from '../registries/membership.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { hasToldLast, lastDeletionMs } from './deletions.ts';
import { type Expectation, missingRegions } from './expected-regions.ts';
import {
  type Fact,
  type Image,
  lateReferences,
  liveReferences,
  type Reference,
  referenceFacts,
  regionsOf,
  wasRead,
} from './image.ts';

/** A reference, and the regions that may have lost it since: those that told of it, or all where none of them did. */
interface Doubt {
  readonly reference: Reference;
  readonly regions: readonly Region[];
}

/** References of one image that are asked for; the others are, once these are settled. */
const maxReferences = 5;

/**
 * The references that a deletion may have taken from the regions that told of them last. A copy may come to a region
 * after the image was deleted elsewhere, and is deleted there in its turn; where that notice is lost, the region counts
 * as the only one that has what is gone.
 *
 * | the image        | the reference                                    | the region                      | is doubted |
 * |------------------|--------------------------------------------------|---------------------------------|------------|
 * | was never deleted | any                                             | any                             | no         |
 * | was deleted      | is not late                                      | any                             | no         |
 * | was deleted      | is late, and a region that lacks it is silent    | any                             | no         |
 * | was deleted      | is late, and no region that lacks it is silent   | told of it within the objective | no         |
 * | was deleted      | is late, and no region that lacks it is silent   | told of it before that          | yes        |
 * | was deleted      | is late, and was pushed without a region only    | is waited for                   | yes        |
 *
 * A region that lacks it is silent when it neither answered nor told the last deletion.
 *
 * @param answered regions that answered just now with what they have
 */
export function doubtsIn(
  image: Image,
  answered: ReadonlySet<Region>,
  expect: Expectation,
  { replicationSloMs }: Registry,
  nowMs: number,
): Doubt[] {
  const { deletions } = image;
  if (lastDeletionMs(deletions) === undefined) return [];
  const isSilent = (region: Region): boolean => !answered.has(region) && !hasToldLast(deletions, region);
  return lateReferences(image, replicationSloMs, nowMs).flatMap((reference) => {
    const facts = referenceFacts(image, reference);
    const missing = missingRegions(expect(reference), facts);
    if (missing.length === 0 || missing.some(isSilent)) return [];
    if (facts.length === 0) return [{ reference, regions: missing }];
    const recent = regionsOf(facts.filter(({ learnedAtMs }) => nowMs - learnedAtMs <= replicationSloMs));
    const regions = [...regionsOf(facts)].filter((region) => !recent.has(region));
    return regions.length === 0 ? [] : [{ reference, regions }];
  });
}

/** The image without what some regions told of a reference: it is kept for the order of pushes, and no longer counts. */
export function withWithdrawn(image: Image, tag: string | undefined, regions: ReadonlySet<Region>): Image {
  const isHere = ({ region }: Fact): boolean => regions.has(region);
  const withdrawn = (facts: readonly Fact[]): Fact[] =>
    facts
      .filter((fact) => !(isHere(fact) && wasRead(fact)))
      .map((fact) => (isHere(fact) ? { ...fact, isWithdrawn: true } : fact));
  // A region without the digest has none of its tags.
  const isConcerned = (reference: Reference): boolean => tag === undefined || reference.tag === tag;
  return {
    ...image,
    references: image.references.map((one) =>
      isConcerned(one) ? { ...one, facts: withdrawn(one.facts) } : one,
    ),
    verified: tag === undefined ? withdrawn(image.verified) : image.verified,
  };
}

/** The image without a push that named no region, as of a copy to a replica that is gone. */
const withoutRegionless = (image: Image, tag: string | undefined): Image => ({
  ...image,
  references: image.references.map((one) =>
    one.tag === tag ? { ...one, regionlessPushAtMs: undefined } : one,
  ),
});

/** Calls for one image at the same time. */
const concurrency = 8;

/** What a region that is doubted has: nothing of the image, or the image and not under this tag, or it may have both. */
type Left = 'nothing' | 'digest' | 'all';

/**
 * Asks the regions that are doubted, and withdraws what those told that have it no more.
 *
 * | the region                                                        | what it told                                   |
 * |-------------------------------------------------------------------|------------------------------------------------|
 * | does not know the digest                                          | is withdrawn                                   |
 * | has no replica any more, as far as that is confirmed              | is withdrawn                                   |
 * | knows the digest, and not the tag, or resolves it to another one  | is withdrawn where the image lives on otherwise |
 * | shows the tag, or could not be asked                              | stays                                          |
 *
 * A push that named no region is withdrawn by all regions together.
 */
export async function withoutWithdrawn(
  image: Image,
  doubts: readonly Doubt[],
  registry: Registry,
  { home, members }: Pick<RegistryView, 'home' | 'members'>,
  manifests: Pick<ManifestReader, 'confirmAbsence'>,
  deadline: Deadline,
): Promise<Image> {
  const { repository, digest } = image.id;
  const isWithoutReplica = (region: Region): boolean => {
    const member = members?.get(region);
    return region !== home && member !== undefined && isGone(member);
  };
  const ask = (region: Region, reference: string) =>
    manifests.confirmAbsence(registry, region, repository, reference, deadline);
  const leftIn = async (region: Region, tag: string | undefined): Promise<Left> => {
    if (isWithoutReplica(region)) return 'nothing';
    if (tag !== undefined) {
      const answer = await ask(region, tag);
      const isElsewhere = answer.kind === 'present' && answer.digest !== digest;
      if (answer.kind !== 'absent' && !isElsewhere) return 'all';
    }
    const answer = await ask(region, digest);
    if (answer.kind === 'absent') return 'nothing';
    return answer.kind === 'present' && tag !== undefined ? 'digest' : 'all';
  };
  const limit = pLimit(concurrency);
  const found = await Promise.all(
    doubts.slice(0, maxReferences).map(async ({ reference, regions }) => {
      const { tag } = reference;
      const left = await Promise.all(regions.map((region) => limit(() => leftIn(region, tag))));
      const isRegionless = referenceFacts(image, reference).length === 0;
      return {
        tag,
        isRegionless,
        left: new Map(regions.map((region, index) => [region, left[index] ?? 'all'])),
      };
    }),
  );
  return found.reduce((before, { tag, isRegionless, left }) => {
    // Without another reference the image would count as deleted, and its digest is there.
    const livesOn = liveReferences(before).some((one) => one.tag !== tag);
    const withdrawn = [...left].filter(([, one]) => one === 'nothing' || (one === 'digest' && livesOn));
    if (isRegionless) return withdrawn.length === left.size ? withoutRegionless(before, tag) : before;
    return withWithdrawn(before, tag, new Set(withdrawn.map(([region]) => region)));
  }, image);
}
