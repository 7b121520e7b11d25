import type { Region } from '../registries/replica.ts';
import type { Signal } from '../signals/signal.ts';
import type { ImageId } from './notification.ts';

/** How evenkeel learned that a region has a manifest. */
export type Evidence = 'webhook' | 'event' | 'verified';

/** A region had the manifest at a time. All times are ms since the epoch. */
export interface Fact {
  readonly region: Region;
  /** By the registry's clock, from the notice; when it was read, for a verified one. */
  readonly atMs: number;
  readonly evidence: Evidence;
  /** By evenkeel's clock. */
  readonly learnedAtMs: number;
}

/** What an image was pushed as: under a tag, or by digest only. Each has a verdict and a signal of its own. */
export interface Reference {
  /** `undefined` for a push by digest only. */
  readonly tag: string | undefined;
  /** By evenkeel's clock, in this episode. */
  readonly firstSeenMs: number;
  /** When it was pushed, by a notice that named no region. */
  readonly regionlessPushAtMs: number | undefined;
  /** Also those before a deletion: the order of a tag's pushes follows from them. */
  readonly facts: readonly Fact[];
  /** The tag came back to this digest then, after it had pointed elsewhere; facts before that count no more. */
  readonly revertedAtMs: number | undefined;
  /** The verdicts, by evenkeel's clock; each is given once an episode. */
  readonly replicatedAtMs: number | undefined;
  readonly stalledAtMs: number | undefined;
  readonly divergedAtMs: number | undefined;
  /** The tag points at another digest by now, and nobody waits for this one to be complete any more. */
  readonly supersededAtMs: number | undefined;
}

/** What the ledger knows of one image of one registry. */
export interface Image {
  readonly id: ImageId;
  /** Grows each time that a finished image has something open again; an image that was forgotten never had it. */
  readonly generation: number;
  /** By evenkeel's clock, in this episode: since it was first pushed, or first pushed after a deletion. */
  readonly firstSeenMs: number;
  readonly sizeBytes: number | undefined;
  /** The regions that must hold it, as they were at its first fact; `undefined` as long as nobody could say. */
  readonly expected: readonly Region[] | undefined;
  /** Facts that are not newer do not count. */
  readonly deletedAtMs: number | undefined;
  readonly references: readonly Reference[];
  /** Manifests read by digest. */
  readonly verified: readonly Fact[];
  /** Regions that could not be asked when they were last to be, and why. */
  readonly unverified: Readonly<Record<Region, string>>;
  /** Complete by digest since then. */
  readonly replicatedAtMs: number | undefined;
  /** When the review is to ask the regional endpoints; `undefined`: not before the objective passes. */
  readonly nextVerificationAtMs: number | undefined;
  /** How often it has asked in vain. */
  readonly verificationAttempts: number;
  /** Verdicts that are not known to be published, in the order in which they were reached. */
  readonly outbox: readonly Signal[];
  /** Nothing is open since then; `undefined` as long as something is. */
  readonly finishedAtMs: number | undefined;
}

/** Does a fact count, or was the image deleted after it? */
export const isAfterDeletion = (atMs: number, { deletedAtMs }: Pick<Image, 'deletedAtMs'>): boolean =>
  deletedAtMs === undefined || atMs > deletedAtMs;

/** Everything that says that a region has the digest, however it was pushed. */
export const digestFacts = (image: Image): Fact[] =>
  [...image.verified, ...image.references.flatMap(({ facts }) => facts)].filter(({ atMs }) =>
    isAfterDeletion(atMs, image),
  );

/** Everything that says that a region resolves the reference to this digest. */
export const referenceFacts = (image: Image, { tag, facts, revertedAtMs }: Reference): Fact[] =>
  tag === undefined
    ? digestFacts(image)
    : facts.filter(
        ({ atMs }) => isAfterDeletion(atMs, image) && (revertedAtMs === undefined || atMs >= revertedAtMs),
      );

/** Pushed, and not deleted since. */
export const isLive = (image: Pick<Image, 'deletedAtMs'>, reference: Reference): boolean =>
  (reference.regionlessPushAtMs !== undefined && isAfterDeletion(reference.regionlessPushAtMs, image)) ||
  reference.facts.some(({ atMs }) => isAfterDeletion(atMs, image));

export const liveReferences = (image: Image): Reference[] =>
  image.references.filter((reference) => isLive(image, reference));

export const isDeleted = (image: Image): boolean =>
  image.deletedAtMs !== undefined && liveReferences(image).length === 0;

/** The regions of some facts. */
export const regionsOf = (facts: readonly Fact[]): Set<Region> => new Set(facts.map(({ region }) => region));

/** Is there nothing left to wait for, to say or to find out? */
export const isFinished = (image: Image): boolean =>
  image.outbox.length === 0 &&
  liveReferences(image).every(
    ({ replicatedAtMs, supersededAtMs }) => replicatedAtMs !== undefined || supersededAtMs !== undefined,
  );

export const imageKey = ({ registry, repository, digest }: ImageId): string =>
  `${registry}/${repository}@${digest}`;
