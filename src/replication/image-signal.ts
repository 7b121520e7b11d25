import { registryNameOf } from '../registries/host.ts';
import type { Region } from '../registries/replica.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import type { Expectation } from './expected-regions.ts';
import { type Evidence, type Fact, type Image, type Reference, referenceFacts, wasRead } from './image.ts';

type ImageSignalType =
  | 'evenkeel.registry.replicated'
  | 'evenkeel.registry.replicationStalled'
  | 'evenkeel.registry.tagDiverged';

interface SignalContext {
  readonly image: Image;
  readonly reference: Reference;
  readonly expect: Expectation;
  /** ARM id of the registry. */
  readonly source: string;
  readonly nowMs: number;
}

/**
 * The signal of a verdict on one reference of an image. Its id follows from what it reports and from the episode, which
 * the deletion before it and the last revert of the tag identify. So every instance publishes it under the same id, and
 * a verdict that is given again in an episode repeats its signal.
 * @param more properties of this type of signal
 */
export function imageSignal(
  type: ImageSignalType,
  { image, reference, expect, source, nowMs }: SignalContext,
  more: Readonly<Record<string, unknown>> = {},
): Signal {
  const { registry, repository, digest } = image.id;
  const { tag, firstSeenMs, revertedAtMs, episodeMs } = reference;
  const episode = [episodeMs ?? 0, revertedAtMs ?? 0].map(String);
  return {
    id: signalId(type, [registry, repository, digest, tag ?? '', ...episode]),
    type,
    source,
    subject: tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`,
    data: {
      registry: registryNameOf(registry),
      loginServer: registry,
      repository,
      digest,
      tag: tag ?? null,
      regions: regionStates(expect(reference), referenceFacts(image, reference)),
      firstSeen: new Date(firstSeenMs).toISOString(),
      at: new Date(nowMs).toISOString(),
      elapsedMs: nowMs - firstSeenMs,
      ...more,
    },
  };
}

/** What one region has of an image, as signals and answers show it. */
export type RegionState =
  | {
      readonly region: Region;
      readonly state: 'available';
      /** ISO 8601, in UTC. */
      readonly at: string;
      /** The best grade that is known. */
      readonly evidence: Evidence;
      /** When the region's endpoint answered last. */
      readonly verifiedAt?: string;
    }
  | { readonly region: Region; readonly state: 'waiting' }
  /** The region could not be asked. */
  | { readonly region: Region; readonly state: 'unverified'; readonly reason: string };

/**
 * The state of each expected region. Its time is that of the oldest fact; its evidence is the best grade that
 * is known.
 * @param unverified why a region could not be asked
 */
export function regionStates(
  expected: readonly Region[],
  facts: readonly Fact[],
  unverified: Readonly<Record<Region, string>> = {},
): RegionState[] {
  return expected.map((region): RegionState => {
    const ofRegion = facts.filter((fact) => fact.region === region).sort((a, b) => a.atMs - b.atMs);
    const [oldest] = ofRegion;
    if (oldest === undefined) {
      const reason = unverified[region];
      return reason === undefined ? { region, state: 'waiting' } : { region, state: 'unverified', reason };
    }
    const at = new Date(oldest.atMs).toISOString();
    const read = ofRegion.filter(wasRead);
    const last = read.at(-1);
    if (last === undefined) return { region, state: 'available', at, evidence: oldest.evidence };
    const isPullable = read.some(({ evidence }) => evidence === 'pullable');
    const verifiedAt = new Date(last.atMs).toISOString();
    return { region, state: 'available', at, evidence: isPullable ? 'pullable' : 'verified', verifiedAt };
  });
}
