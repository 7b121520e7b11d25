import type { Region } from '../registries/replica.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import {
  digestFacts,
  type Evidence,
  type Fact,
  type Image,
  isFinished,
  isLive,
  type Reference,
  referenceFacts,
  regionsOf,
} from './image.ts';

export const missingRegions = (
  expected: readonly Region[],
  facts: Parameters<typeof regionsOf>[0],
): Region[] => {
  const there = regionsOf(facts);
  return expected.filter((region) => !there.has(region));
};

/** Complete when there is something to expect and nothing is missing. */
const isComplete = (expected: readonly Region[], facts: Parameters<typeof regionsOf>[0]): boolean =>
  expected.length > 0 && missingRegions(expected, facts).length === 0;

/**
 * Gives the verdict `replicated` to every reference that deserves it and has none, each with its signal.
 * A verdict is never taken back within an episode.
 *
 * | reference | replicated when                                            | signal's subject    |
 * |-----------|------------------------------------------------------------|---------------------|
 * | a tag     | every expected region has shown that tag on that digest    | `repository:tag`    |
 * | none      | every expected region has the digest, however it was pushed | `repository@digest` |
 *
 * @param expected the regions that count now
 * @param source ARM id of the registry
 */
export function withVerdicts(
  image: Image,
  expected: readonly Region[],
  source: string,
  nowMs: number,
): Image {
  const replicatedAtMs =
    image.replicatedAtMs ?? (isComplete(expected, digestFacts(image)) ? nowMs : undefined);
  const judged = image.references.map((reference): Reference => {
    if (reference.replicatedAtMs !== undefined || !isLive(image, reference)) return reference;
    const facts = referenceFacts(image, reference);
    return isComplete(expected, facts) ? { ...reference, replicatedAtMs: nowMs } : reference;
  });
  const fresh = judged.filter((reference, index) => reference !== image.references[index]);
  if (fresh.length === 0 && replicatedAtMs === image.replicatedAtMs) return image;
  const signals = fresh.map((reference) =>
    imageSignal('evenkeel.registry.replicated', { image, reference, expected, source, nowMs }),
  );
  return { ...image, replicatedAtMs, references: judged, outbox: [...image.outbox, ...signals] };
}

/** Marks an image as finished, or as open again. */
export function markFinished(image: Image, nowMs: number): Image {
  if (!isFinished(image))
    return image.finishedAtMs === undefined ? image : { ...image, finishedAtMs: undefined };
  return image.finishedAtMs === undefined ? { ...image, finishedAtMs: nowMs } : image;
}

type ImageSignalType =
  | 'evenkeel.registry.replicated'
  | 'evenkeel.registry.replicationStalled'
  | 'evenkeel.registry.tagDiverged';

interface Occasion {
  readonly image: Image;
  readonly reference: Reference;
  readonly expected: readonly Region[];
  /** ARM id of the registry. */
  readonly source: string;
  readonly nowMs: number;
}

/**
 * What is told of one reference of an image. The id follows from what is told and from the episode: the deletion
 * before it, and the return of the tag, so that every instance that tells it tells it under the same id.
 */
export function imageSignal(
  type: ImageSignalType,
  { image, reference, expected, source, nowMs }: Occasion,
  more: Readonly<Record<string, unknown>> = {},
): Signal {
  const { registry, repository, digest } = image.id;
  const { tag, firstSeenMs, revertedAtMs } = reference;
  const episode = [image.deletedAtMs ?? 0, revertedAtMs ?? 0].map(String);
  return {
    id: signalId(type, [registry, repository, digest, tag ?? '', ...episode]),
    type,
    source,
    subject: tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`,
    data: {
      ...{ registry, repository, digest, tag: tag ?? null },
      regions: regionStates(expected, referenceFacts(image, reference)),
      firstSeen: new Date(firstSeenMs).toISOString(),
      at: new Date(nowMs).toISOString(),
      elapsedMs: nowMs - firstSeenMs,
      ...more,
    },
  };
}

/** What one region has of an image. */
export type RegionState =
  | {
      readonly region: Region;
      readonly state: 'available';
      /** ISO 8601, in UTC. */
      readonly at: string;
      readonly evidence: Evidence;
    }
  | { readonly region: Region; readonly state: 'waiting' }
  /** It could not be asked. */
  | { readonly region: Region; readonly state: 'unverified'; readonly reason: string };

/** Of each expected region, by its oldest fact; a manifest that was read counts as verified whatever was told before. */
export function regionStates(
  expected: readonly Region[],
  facts: readonly Fact[],
  unverified: Readonly<Record<Region, string>> = {},
): RegionState[] {
  return expected.map((region): RegionState => {
    const there = facts.filter((fact) => fact.region === region).sort((a, b) => a.atMs - b.atMs);
    const [oldest] = there;
    if (oldest === undefined) {
      const reason = unverified[region];
      return reason === undefined ? { region, state: 'waiting' } : { region, state: 'unverified', reason };
    }
    const evidence = there.some((fact) => fact.evidence === 'verified') ? 'verified' : oldest.evidence;
    return { region, state: 'available', at: new Date(oldest.atMs).toISOString(), evidence };
  });
}
