import type { Region } from '../registries/replica.ts';
import type { Signal } from '../signals/signal.ts';
import { type Deletions, deletionFloor, lastDeletionMs, noDeletions } from './deletions.ts';

/** One image of a repository; a digest names the same content everywhere. */
export interface ImageId {
  /** Login server of the registry, in lower case and without a port: `myregistry.azurecr.io`. */
  readonly registry: string;
  /** Such as `team/app`. */
  readonly repository: string;
  /** Such as `sha256:…`. */
  readonly digest: string;
}

/**
 * How evenkeel learned that a region has a manifest, by grade:
 *
 * | evidence            | means                                                                          |
 * |---------------------|--------------------------------------------------------------------------------|
 * | `webhook`, `event`  | the registry said so                                                           |
 * | `verified`          | the region's endpoint answered for the manifest                                |
 * | `pullable`          | and for its config and every layer, so that a pull would have worked then      |
 */
export type Evidence = 'webhook' | 'event' | ReadEvidence;
/** Evidence from the endpoint of a region; its time is that of the answer. */
type ReadEvidence = 'verified' | 'pullable';

/** A region had the manifest at a time. Here and below, times are ms since the epoch. */
export interface Fact {
  readonly region: Region;
  /** The registry's time, from the notification; for evidence that was read, evenkeel's time of the answer. */
  readonly atMs: number;
  readonly evidence: Evidence;
  /** Evenkeel's own time when it learned the fact. */
  readonly learnedAtMs: number;
  /** Set once the region was found to have it no more; such a fact only tells the order of pushes. */
  readonly isWithdrawn?: true;
}

/** The regions that a push would wait for, were it the first one of its episode. */
export interface LaterExpectation {
  /** The registry's time of the push. */
  readonly atMs: number;
  /** Evenkeel's own time when it learned of the push. */
  readonly learnedAtMs: number;
  readonly regions: readonly Region[];
}

/**
 * What an image was pushed as: under a tag, or by digest only. Each reference has its own verdicts and signals.
 * Except in facts, times are by evenkeel's clock.
 */
export interface Reference {
  /** `undefined` for a push by digest only. */
  readonly tag: string | undefined;
  /** When evenkeel first heard of it in this episode. */
  readonly firstSeenMs: number;
  /** The registry's time of a push whose notification named no region. */
  readonly regionlessPushAtMs: number | undefined;
  /** Facts from before a deletion are kept: the order of a tag's pushes follows from them. */
  readonly facts: readonly Fact[];
  /** The regions that must show it, as of its own first fact; `undefined` while the replicas are unknown. */
  readonly expected: readonly Region[] | undefined;
  /** What later pushes of the episode would wait for, where that changed, the newest last. */
  readonly expectedLater: readonly LaterExpectation[];
  /** The registry's time when the tag reverted to this digest; facts from before that no longer count. */
  readonly revertedAtMs: number | undefined;
  /** Each of the following verdicts is given at most once an episode. */
  readonly replicatedAtMs: number | undefined;
  readonly stalledAtMs: number | undefined;
  readonly divergedAtMs: number | undefined;
  /** When the tag was found to point at another digest, so that nobody waits for this one any more. */
  readonly supersededAtMs: number | undefined;
  /**
   * The registry's time of the deletion before this episode as it was known at its first verdict, 0 for none; `undefined`
   * before that. Signals are told apart by it. It stays when a deletion turns out to have begun at another time.
   */
  readonly episodeMs: number | undefined;
}

/**
 * What the ledger knows of one image of one registry.
 *
 * An episode of an image begins with its first push and ends with its deletion; the next push begins another one. An
 * episode of a tag also ends when the tag moves to another digest and reverts.
 */
export interface Image {
  readonly id: ImageId;
  /** Grows each time that a finished image has something open again; never used twice for one id. */
  readonly generation: number;
  /** When evenkeel first heard of the image in this episode, by its own clock. */
  readonly firstSeenMs: number;
  readonly sizeBytes: number | undefined;
  /** The regions that must hold it, as of its first fact; `undefined` while the replicas are unknown. */
  readonly expected: readonly Region[] | undefined;
  /** What regions told of deletions; only facts that are newer count. */
  readonly deletions: Deletions;
  readonly references: readonly Reference[];
  /** Facts from manifests that were read by digest. */
  readonly verified: readonly Fact[];
  /** Why a region could not be asked the last time that it was to be. */
  readonly unverified: Readonly<Record<Region, string>>;
  /** When the endpoint of a region answered last that it has no such manifest, by evenkeel's clock. */
  readonly absent: Readonly<Record<Region, number>>;
  /** When every expected region had the digest, by evenkeel's clock. */
  readonly replicatedAtMs: number | undefined;
  /** When the review asks the regional endpoints; `undefined`: not before the objective passes. */
  readonly nextVerificationAtMs: number | undefined;
  /** How often the review has asked without finding everything. */
  readonly verificationAttempts: number;
  /** Signals of verdicts that are not known to be published, in the order of the verdicts. */
  readonly outbox: readonly Signal[];
  /** Since when nothing is open, by evenkeel's clock; `undefined` while something is. */
  readonly finishedAtMs: number | undefined;
}

export const imageKey = ({ registry, repository, digest }: ImageId): string =>
  `${registry}/${repository}@${digest}`;

/** Whether evidence came from a region's endpoint, and not from a notification. */
export const wasRead = (fact: Fact): fact is Fact & { readonly evidence: ReadEvidence } =>
  fact.evidence === 'verified' || fact.evidence === 'pullable';

type Counted = Pick<Fact, 'atMs' | 'isWithdrawn'> & { readonly region: Region | undefined };

/** Finds the facts that are newer than the deletions of their regions, and not withdrawn. Only these count. */
export function countsAfter(deletions: Deletions): (fact: Counted) => boolean {
  const floorOf = deletionFloor(deletions);
  return ({ region, atMs, isWithdrawn }) => isWithdrawn !== true && atMs > floorOf(region);
}

/** The facts that say that a region has the digest, under whichever reference. */
export const digestFacts = (image: Image): Fact[] =>
  [...image.verified, ...image.references.flatMap(({ facts }) => facts)].filter(countsAfter(image.deletions));

/** The facts that say that a region resolves the reference to this digest. */
export function referenceFacts(image: Image, { tag, facts, revertedAtMs }: Reference): Fact[] {
  if (tag === undefined) return digestFacts(image);
  const counts = countsAfter(image.deletions);
  return facts.filter((fact) => counts(fact) && (revertedAtMs === undefined || fact.atMs >= revertedAtMs));
}

/** The regions that some facts name. */
export const regionsOf = (facts: readonly Fact[]): Set<Region> => new Set(facts.map(({ region }) => region));

/** Whether a reference was pushed, and not deleted since. */
export function isLive({ deletions }: Pick<Image, 'deletions'>, reference: Reference): boolean {
  const counts = countsAfter(deletions);
  const { regionlessPushAtMs } = reference;
  return (
    (regionlessPushAtMs !== undefined && counts({ region: undefined, atMs: regionlessPushAtMs })) ||
    reference.facts.some(counts)
  );
}

export const liveReferences = (image: Image): Reference[] =>
  image.references.filter((reference) => isLive(image, reference));

/** An image is deleted from the moment when its first region deletes it, until a newer push is known. */
export const isDeleted = (image: Image): boolean =>
  lastDeletionMs(image.deletions) !== undefined && liveReferences(image).length === 0;

/** The references that a pipeline may still wait for. */
export const openReferences = (image: Image): Reference[] =>
  liveReferences(image).filter(
    ({ replicatedAtMs, supersededAtMs }) => replicatedAtMs === undefined && supersededAtMs === undefined,
  );

/** The open references that are older than the objective. */
export const lateReferences = (image: Image, sloMs: number, nowMs: number): Reference[] =>
  openReferences(image).filter(({ firstSeenMs }) => nowMs - firstSeenMs > sloMs);

/** Whether nothing is left to wait for, to publish or to verify. */
export const isFinished = (image: Image): boolean =>
  image.outbox.length === 0 && openReferences(image).length === 0;

export const newImage = (id: ImageId, nowMs: number): Image => ({
  id,
  generation: 1,
  firstSeenMs: nowMs,
  sizeBytes: undefined,
  expected: undefined,
  deletions: noDeletions,
  references: [],
  verified: [],
  unverified: {},
  absent: {},
  replicatedAtMs: undefined,
  nextVerificationAtMs: undefined,
  verificationAttempts: 0,
  outbox: [],
  finishedAtMs: undefined,
});

const noVerdicts = {
  replicatedAtMs: undefined,
  stalledAtMs: undefined,
  divergedAtMs: undefined,
  supersededAtMs: undefined,
};

export const newReference = (tag: string | undefined, nowMs: number): Reference => ({
  tag,
  firstSeenMs: nowMs,
  regionlessPushAtMs: undefined,
  facts: [],
  expected: undefined,
  expectedLater: [],
  revertedAtMs: undefined,
  ...noVerdicts,
  episodeMs: undefined,
});

export const withoutVerdicts = (reference: Reference): Reference => ({ ...reference, ...noVerdicts });

/** The reference with what tells the signals of its episode apart, which a verdict needs. */
export const withKnownEpisode = (reference: Reference, { deletions }: Pick<Image, 'deletions'>): Reference =>
  reference.episodeMs === undefined ? { ...reference, episodeMs: lastDeletionMs(deletions) ?? 0 } : reference;

/** The reference with nothing decided, and to be judged by the replicas of now. */
export const waitingAnew = (known: Reference, nowMs: number): Reference => ({
  ...withoutVerdicts(known),
  firstSeenMs: nowMs,
  expected: undefined,
  expectedLater: [],
});

/** A reference at the beginning of an episode: judged by the replicas of its own first fact. */
export const inNewEpisode = (
  known: Reference | undefined,
  tag: string | undefined,
  nowMs: number,
): Reference =>
  known === undefined ? newReference(tag, nowMs) : { ...waitingAnew(known, nowMs), episodeMs: undefined };

interface Push {
  readonly region: Region | undefined;
  readonly atMs: number;
}

/** The times at which a reference was pushed, as notifications and endpoints tell them. */
export const pushesOf = ({ facts, regionlessPushAtMs }: Reference): Push[] => [
  ...facts,
  ...(regionlessPushAtMs === undefined ? [] : [{ region: undefined, atMs: regionlessPushAtMs }]),
];
