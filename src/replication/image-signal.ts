import { registryNameOf } from '../registries/host.ts';
import type { Region } from '../registries/replica.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { type Evidence, type Fact, type Image, type Reference, referenceFacts } from './image.ts';

type ImageSignalType =
  | 'evenkeel.registry.replicated'
  | 'evenkeel.registry.replicationStalled'
  | 'evenkeel.registry.tagDiverged';

interface SignalContext {
  readonly image: Image;
  readonly reference: Reference;
  readonly expected: readonly Region[];
  /** ARM id of the registry. */
  readonly source: string;
  readonly nowMs: number;
}

/**
 * The signal of a verdict on one reference of an image. Its id follows from what it reports and from the episode, which
 * the last deletion and the last revert of the tag identify. So every instance publishes it under the same id.
 * @param more properties of this type of signal
 */
export function imageSignal(
  type: ImageSignalType,
  { image, reference, expected, source, nowMs }: SignalContext,
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
      registry: registryNameOf(registry),
      loginServer: registry,
      repository,
      digest,
      tag: tag ?? null,
      regions: regionStates(expected, referenceFacts(image, reference)),
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
      readonly evidence: Evidence;
    }
  | { readonly region: Region; readonly state: 'waiting' }
  /** The region could not be asked. */
  | { readonly region: Region; readonly state: 'unverified'; readonly reason: string };

/**
 * The state of each expected region. Its time is that of the oldest fact; its evidence is `verified` as soon as the
 * manifest was read there.
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
    const isVerified = ofRegion.some((fact) => fact.evidence === 'verified');
    const evidence = isVerified ? 'verified' : oldest.evidence;
    return { region, state: 'available', at: new Date(oldest.atMs).toISOString(), evidence };
  });
}
