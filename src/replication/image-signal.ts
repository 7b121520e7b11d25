import type { Region } from '../registries/region.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { type Evidence, type Fact, type Image, type Reference, referenceFacts } from './image.ts';

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
  const { tag, firstSeenMs, returnedAtMs } = reference;
  const episode = [image.deletedAtMs ?? 0, returnedAtMs ?? 0].map(String);
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
