import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { Signal } from '../signals/signal.ts';
import { type Expectation, isComplete, missingRegions } from './expected-regions.ts';
import {
  digestFacts,
  type Image,
  isFinished,
  isLive,
  lateReferences,
  type Reference,
  referenceFacts,
  withKnownEpisode,
} from './image.ts';
import { imageSignal, regionStates } from './image-signal.ts';
import { repairsOf } from './repair.ts';
import { divergedRegions, type TagHistory } from './tag-history.ts';
import type { Verification } from './verify.ts';

/**
 * Gives the verdict `replicated` to every reference that deserves it and has none, each with its signal.
 * A verdict is never taken back within an episode.
 *
 * | reference | replicated when                                             | signal's subject    |
 * |-----------|-------------------------------------------------------------|---------------------|
 * | a tag     | every expected region has reported that tag on that digest  | `repository:tag`    |
 * | none      | every expected region has the digest, however it was pushed | `repository@digest` |
 *
 * @param expect the regions that the image and its references wait for now
 * @param source ARM id of the registry
 * @returns the same image when there is no new verdict
 */
export function withReplicatedVerdicts(
  image: Image,
  expect: Expectation,
  source: string,
  nowMs: number,
): Image {
  const isDigestComplete = isComplete(expect(image), digestFacts(image));
  const replicatedAtMs = image.replicatedAtMs ?? (isDigestComplete ? nowMs : undefined);
  const references = image.references.map((reference): Reference => {
    if (reference.replicatedAtMs !== undefined || !isLive(image, reference)) return reference;
    const facts = referenceFacts(image, reference);
    return isComplete(expect(reference), facts)
      ? { ...withKnownEpisode(reference, image), replicatedAtMs: nowMs }
      : reference;
  });
  const replicated = references.filter((reference, index) => reference !== image.references[index]);
  if (replicated.length === 0 && replicatedAtMs === image.replicatedAtMs) return image;
  const signals = replicated.map((reference) =>
    imageSignal('evenkeel.registry.replicated', { image, reference, expect, source, nowMs }),
  );
  return { ...image, replicatedAtMs, references, outbox: [...image.outbox, ...signals] };
}

/** Marks as superseded each reference whose tag points at another digest by now. Nobody waits for it any more. */
export function withSupersededVerdicts(
  image: Image,
  histories: ReadonlyMap<string, TagHistory>,
  nowMs: number,
): Image {
  const references = image.references.map((reference) => {
    const [newest] = (reference.tag === undefined ? undefined : histories.get(reference.tag))?.pushes ?? [];
    const isNewest = newest === undefined || newest.digest === image.id.digest;
    return isNewest ? reference : { ...reference, supersededAtMs: nowMs };
  });
  return { ...image, references };
}

interface DelayContext {
  /** The histories of open tags. */
  readonly histories: ReadonlyMap<string, TagHistory>;
  readonly verification: Verification;
  readonly registry: Registry;
  readonly expect: Expectation;
  readonly nowMs: number;
}

/**
 * Gives the verdicts on references that are older than the objective and still open: `stalled`, and `diverged` where
 * regions resolve a tag to another digest. Each is given once an episode, with its signal.
 */
export function withDelayVerdicts(image: Image, context: DelayContext): Image {
  const late = new Set(lateReferences(image, context.registry.replicationSloMs, context.nowMs));
  const judged = image.references.map((reference) =>
    late.has(reference) ? judgeDelay(image, reference, context) : { reference, signals: [] },
  );
  return {
    ...image,
    references: judged.map(({ reference }) => reference),
    outbox: [...image.outbox, ...judged.flatMap(({ signals }) => signals)],
  };
}

/** A signal waits in its image, which has to stay small; the status has all of them. */
const maxRepairs = 3;

function judgeDelay(
  image: Image,
  late: Reference,
  { histories, verification, registry, expect, nowMs }: DelayContext,
): { readonly reference: Reference; readonly signals: readonly Signal[] } {
  const reference = withKnownEpisode(late, image);
  const signalContext = { image, reference, expect, source: registry.id, nowMs };
  const expected = expect(reference);
  const signals: Signal[] = [];
  const isNewlyStalled = reference.stalledAtMs === undefined;
  if (isNewlyStalled) {
    const facts = referenceFacts(image, reference);
    const states = regionStates(expected, facts, image.unverified);
    const repairs = repairsOf({ id: image.id, tag: reference.tag }, states, registry);
    const more = {
      missing: missingRegions(expected, facts),
      unverified: image.unverified,
      repairs: repairs.slice(0, maxRepairs),
    };
    signals.push(imageSignal('evenkeel.registry.replicationStalled', signalContext, more));
  }
  const diverged =
    reference.divergedAtMs === undefined
      ? divergedNow(image, reference, histories, verification, expected)
      : new Map<Region, string>();
  const isNewlyDiverged = diverged.size > 0;
  if (isNewlyDiverged) {
    const more = { diverged: Object.fromEntries(diverged) };
    signals.push(imageSignal('evenkeel.registry.tagDiverged', signalContext, more));
  }
  return {
    reference: {
      ...reference,
      stalledAtMs: isNewlyStalled ? nowMs : reference.stalledAtMs,
      divergedAtMs: isNewlyDiverged ? nowMs : reference.divergedAtMs,
    },
    signals,
  };
}

function divergedNow(
  image: Image,
  reference: Reference,
  histories: ReadonlyMap<string, TagHistory>,
  { answered, otherDigests }: Verification,
  expected: readonly Region[],
): Map<Region, string> {
  const { tag } = reference;
  if (tag === undefined) return new Map();
  const older = (histories.get(tag)?.images ?? []).filter(({ id }) => id.digest !== image.id.digest);
  const observed = { answered, otherDigests: otherDigests.get(tag) ?? new Map<Region, string>() };
  return divergedRegions(image, reference, older, expected, observed);
}

/** Marks an image as finished, or as open again. */
export function markFinished(image: Image, nowMs: number): Image {
  if (isFinished(image) === (image.finishedAtMs !== undefined)) return image;
  return { ...image, finishedAtMs: image.finishedAtMs === undefined ? nowMs : undefined };
}
