import { type Deletions, isSameDeletions, lastDeletionMs, withDeletion } from './deletions.ts';
import { isComplete } from './expected-regions.ts';
import {
  countsAfter,
  digestFacts,
  type Image,
  inNewEpisode,
  isDeleted,
  isLive,
  liveReferences,
  newImage,
  pushesOf,
  type Reference,
  referenceFacts,
  wasRead,
  withoutVerdicts,
} from './image.ts';
import { expectedAfterDeletion } from './later-expectations.ts';
import type { DeleteNotification } from './notification.ts';

type DeletionEffect = { readonly kind: 'unchanged' } | { readonly kind: 'deleted'; readonly image: Image };

/**
 * Applies a notification of a deletion to an image. It may arrive after pushes that were made since, and each region
 * tells it at its own time.
 *
 * | the deletion                                         | leads to                                              |
 * |------------------------------------------------------|-------------------------------------------------------|
 * | takes pushes that counted                            | the references that had them lose their verdicts      |
 * | takes what was read, and a region lacks it now       | the same                                              |
 * | takes nothing, as when it travels behind a push      | verdicts stay                                         |
 * | shows that the image was deleted earlier than known  | pushes since then count again                         |
 */
export function applyDeletion(
  before: Image | undefined,
  { image: id, region, at }: DeleteNotification,
  nowMs: number,
): DeletionEffect {
  const image = before ?? newImage(id, nowMs);
  const deletions = withDeletion(image.deletions, region, at.getTime());
  if (isSameDeletions(deletions, image.deletions)) return { kind: 'unchanged' };
  const isFirst = isFirstNotice(image.deletions, deletions);
  const isInDoubt = region === undefined || isFirst;
  const after = { ...(isInDoubt ? withoutRead(image) : image), deletions };
  const references = image.references.map((known, index): Reference => {
    const left = after.references[index] ?? known;
    if (losesVerdicts(known, image, left, after))
      return afterDeletion(left, after, isFirst && losesReportedPush(known, image, after));
    const comesBack = !isLive(image, known) && isLive(after, left);
    return comesBack ? inNewEpisode(left, left.tag, firstLearnedMs(left, deletions) ?? nowMs) : left;
  });
  const isSame = references.every((one, index) => one === image.references[index]);
  if (isSame && after.verified.length === image.verified.length) return { kind: 'deleted', image: after };
  return { kind: 'deleted', image: withEpisode({ ...after, references }, image) };
}

/** The image as its references are after a deletion. */
function withEpisode(after: Image, before: Image): Image {
  const live = liveReferences(after);
  const counts = countsAfter(after.deletions);
  const keepsVerdict =
    !losesAnyPush(before, after) &&
    (digestFacts(before).every(counts) || isComplete(after.expected ?? [], digestFacts(after)));
  const isBack = isDeleted(before) && live.length > 0;
  const [first] = live.toSorted((a, b) => a.firstSeenMs - b.firstSeenMs);
  const firstSeenMs = first?.firstSeenMs ?? after.firstSeenMs;
  return {
    ...after,
    // Where a tag's verdict stays, the digest is there too, though what was read of it is dropped.
    replicatedAtMs: keepsVerdict
      ? before.replicatedAtMs
      : earliest(live.flatMap((one) => one.replicatedAtMs ?? [])),
    verificationAttempts: 0,
    firstSeenMs,
    expected: firstSeenMs > before.firstSeenMs ? first?.expected : after.expected,
    ...(isBack ? { expected: undefined, nextVerificationAtMs: undefined } : {}),
  };
}

/** Whether a notice is the first one of its deletion, which then travels to the other regions. */
const isFirstNotice = (before: Deletions, after: Deletions): boolean =>
  (lastDeletionMs(after) ?? 0) > (lastDeletionMs(before) ?? Number.NEGATIVE_INFINITY);

/**
 * An image without what was read of it. Each region deletes its copy in its own time, so what was read before the first
 * notice of a deletion may have been there since before the deletion.
 */
const withoutRead = (image: Image): Image => ({
  ...image,
  verified: [],
  unverified: {},
  references: image.references.map((one) =>
    one.facts.some(wasRead) ? { ...one, facts: one.facts.filter((fact) => !wasRead(fact)) } : one,
  ),
});

function losesVerdicts(known: Reference, before: Image, left: Reference, after: Image): boolean {
  if (losesPush(known, before.deletions, after.deletions)) return true;
  // The verdict of a push by digest follows from the facts of all tags.
  if (known.tag === undefined && losesAnyPush(before, after)) return !isReportedEverywhere(left, after);
  if (known.replicatedAtMs === undefined) return false;
  // Only what was read can be missing now: it was read before its region deleted the image.
  const losesRead = !referenceFacts(before, known).every(countsAfter(after.deletions));
  return losesRead && !isComplete(left.expected ?? [], referenceFacts(after, left));
}

/** Whether a push that counted before a deletion no longer counts after it. */
function losesPush(reference: Reference, before: Deletions, after: Deletions): boolean {
  const [countedBefore, countsNow] = [countsAfter(before), countsAfter(after)];
  return pushesOf(reference).some((push) => countedBefore(push) && !countsNow(push));
}

/**
 * Whether a deletion takes a push that was reported: what was read may be of a push since then. The pushes by digest are
 * those of all tags.
 */
function losesReportedPush(known: Reference, before: Image, after: Image): boolean {
  const own = known.tag === undefined ? before.references : [known];
  return own.some((one) => {
    const reported = { ...one, facts: one.facts.filter((fact) => !wasRead(fact)) };
    return losesPush(reported, before.deletions, after.deletions);
  });
}

const losesAnyPush = (before: Image, after: Image): boolean =>
  before.references.some((one) => losesPush(one, before.deletions, after.deletions));

/** Whether every region that was expected at its first fact has the digest, by what regions reported. */
const isReportedEverywhere = ({ expected }: Reference, image: Image): boolean =>
  isComplete(
    expected ?? [],
    digestFacts(image).filter((fact) => !wasRead(fact)),
  );

/**
 * What a deletion leaves of a reference, which may have been pushed again before the deletion was reported.
 *
 * | since the deletion           | verdicts | revert of the tag                                 |
 * |------------------------------|----------|---------------------------------------------------|
 * | no known revert              | removed  |                                                   |
 * | reverted, with one push      | kept     | is that push, so any newer notification proves it |
 * | reverted, with more pushes   | kept     | kept                                              |
 *
 * The verdict that a tag is replicated also goes with what was read for it, and is given again once that is read anew.
 * Where the first fact goes, the regions that it waited for go with it: replicas and settings may have changed by the next
 * one.
 *
 * @param beginsEpisode whether the notice is the first one of its deletion, and takes a push. Another one may take a copy
 * that came late, and one that takes only what was read says nothing of the push, so that a verdict that is given again
 * has the same signal.
 */
function afterDeletion(reference: Reference, after: Image, beginsEpisode: boolean): Reference {
  const { deletions } = after;
  const { revertedAtMs, firstSeenMs } = reference;
  const counts = countsAfter(deletions);
  const current = reference.facts.filter(counts);
  if (revertedAtMs !== undefined && counts({ region: undefined, atMs: revertedAtMs })) {
    const byRegion = [...Map.groupBy(current, ({ region }) => region).values()];
    const isPushedOnce = byRegion.every(({ length }) => length === 1);
    const known = isPushedOnce ? { ...reference, revertedAtMs: undefined } : reference;
    const { expected } = known;
    const isShown = expected === undefined || isComplete(expected, referenceFacts(after, known));
    return known.replicatedAtMs === undefined || isShown ? known : withoutVerdicts(known);
  }
  return {
    ...withoutVerdicts(reference),
    ...expectedAfterDeletion(reference, pushesOf(reference).filter(counts)),
    firstSeenMs: firstLearnedMs(reference, deletions) ?? firstSeenMs,
    revertedAtMs: undefined,
    ...(beginsEpisode ? { episodeMs: undefined } : {}),
  };
}

const firstLearnedMs = ({ facts }: Reference, deletions: Deletions): number | undefined =>
  earliest(facts.filter(countsAfter(deletions)).map(({ learnedAtMs }) => learnedAtMs));

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);
