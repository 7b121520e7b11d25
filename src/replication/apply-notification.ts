import type { Region } from '../registries/replica.ts';
import { type Deletions, isSameDeletions, lastDeletionMs, withDeletion } from './deletions.ts';
import { isComplete } from './expected-regions.ts';
import {
  countsAfter,
  digestFacts,
  type Fact,
  type Image,
  isDeleted,
  isLive,
  liveReferences,
  newImage,
  newReference,
  type Reference,
  referenceFacts,
  wasRead,
  withoutVerdicts,
} from './image.ts';
import type { DeleteNotification, Notification, PushNotification } from './notification.ts';

/** What a notification adds to what is known of an image. */
export type NotificationEffect =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'added' | 'pushedAgain' | 'outdated' | 'deleted'; readonly image: Image };

/**
 * Applies a notification to an image. Order and repetition do not matter: every push that has a time of its own in its
 * region is kept.
 *
 * | notification                                     | effect                                                |
 * |--------------------------------------------------|-------------------------------------------------------|
 * | push to a region, first of its reference there   | `added`                                               |
 * | the same push to the same region again           | `unchanged`, whether a webhook or an event reports it |
 * | push to a region that had it, with another time  | `pushedAgain`: the tag may have reverted              |
 * | push without a region, of an unknown reference   | `added`, and the review verifies it at once           |
 * | push without a region, of a known reference      | `unchanged`, unless it is older than all that is known |
 * | push after a deletion                            | `added` or `pushedAgain`, in a new episode            |
 * | push that is not newer than its region's deletion | `outdated`: kept for the history of its tag          |
 * | the same again                                   | `unchanged`                                           |
 * | deletion that its region has not told yet        | `deleted`: older facts no longer count                |
 * | the same again                                   | `unchanged`                                           |
 *
 * @param before `undefined` for an image that is not in the ledger.
 */
export function applyNotification(
  before: Image | undefined,
  notification: Notification,
  nowMs: number,
): NotificationEffect {
  return notification.kind === 'delete'
    ? applyDeletion(before, notification, nowMs)
    : applyPush(before, notification, nowMs);
}

/** An image seldom has more than a few tags. When every build adds one, the newest are kept. */
const maxReferences = 100;

function applyPush(
  before: Image | undefined,
  notification: PushNotification,
  nowMs: number,
): NotificationEffect {
  const { tag, region, at } = notification;
  const isOutdated = before !== undefined && !countsAfter(before.deletions)({ region, atMs: at.getTime() });
  const beginsEpisode = before === undefined || (isDeleted(before) && !isOutdated);
  const image = beginsEpisode ? newEpisode(before, notification, nowMs) : before;
  const known = image.references.find((reference) => reference.tag === tag);
  const reference =
    known === undefined || (!isOutdated && !isLive(image, known)) ? begun(known, tag, nowMs) : known;
  const effect =
    region === undefined
      ? applyPushWithoutRegion(reference, notification, image)
      : applyPushToRegion(reference, region, notification, nowMs);
  if (effect.kind === 'unchanged') return effect;
  const references = [...image.references.filter((other) => other !== known), effect.reference];
  const isToBeVerified = region === undefined && !isOutdated;
  return {
    kind: isOutdated ? 'outdated' : effect.kind,
    image: {
      ...image,
      ...(isToBeVerified ? { nextVerificationAtMs: nowMs } : {}),
      // Another digest's revert may follow from the history of the tag, which the review finds.
      ...(isOutdated && tag !== undefined ? { finishedAtMs: undefined } : {}),
      sizeBytes: image.sizeBytes ?? notification.sizeBytes,
      references: references.toSorted(byFirstSeen).slice(-maxReferences),
    },
  };
}

/** After a deletion everything is determined anew; only the times of earlier pushes are kept. */
function newEpisode(before: Image | undefined, { image: id }: PushNotification, nowMs: number): Image {
  const image = newImage(id, nowMs);
  if (before === undefined) return image;
  const { generation, deletions, outbox, finishedAtMs } = before;
  const references = before.references.map((one) => begun(one, one.tag, nowMs));
  return { ...image, generation, deletions, outbox, finishedAtMs, references };
}

/** A reference at the beginning of an episode: judged by the replicas of its own first fact. */
const begun = (known: Reference | undefined, tag: string | undefined, nowMs: number): Reference =>
  known === undefined
    ? newReference(tag, nowMs)
    : { ...withoutVerdicts(known), firstSeenMs: nowMs, expected: undefined };

const byFirstSeen = (a: Reference, b: Reference): number =>
  a.firstSeenMs - b.firstSeenMs || ((a.tag ?? '') < (b.tag ?? '') ? -1 : 1);

type ReferenceEffect =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'added' | 'pushedAgain'; readonly reference: Reference };

function applyPushWithoutRegion(
  reference: Reference,
  { at }: PushNotification,
  image: Image,
): ReferenceEffect {
  const atMs = at.getTime();
  const pushes = pushesOf(reference);
  const counts = countsAfter(image.deletions);
  // A push from before a deletion says nothing of a push after it, and the other way round.
  const isNew = counts({ region: undefined, atMs })
    ? pushes.filter(counts).every((push) => atMs < push.atMs)
    : pushes.length === 0;
  return isNew
    ? { kind: 'added', reference: { ...reference, regionlessPushAtMs: atMs } }
    : { kind: 'unchanged' };
}

function applyPushToRegion(
  reference: Reference,
  region: Region,
  { at, evidence }: PushNotification,
  nowMs: number,
): ReferenceEffect {
  const atMs = at.getTime();
  const reported = reference.facts.filter((fact) => fact.region === region && !wasRead(fact));
  if (reported.some((fact) => fact.atMs === atMs)) return { kind: 'unchanged' };
  const fact: Fact = { region, atMs, evidence, learnedAtMs: nowMs };
  const facts = inOrderAndBounded([...reference.facts, fact]);
  return { kind: reported.length === 0 ? 'added' : 'pushedAgain', reference: { ...reference, facts } };
}

/** The most facts that are kept of one tag for one region and one kind of evidence. */
const maxFacts = 6;

/** Sorts facts by time, so that their order does not depend on that of the notifications. The first and the newest stay. */
function inOrderAndBounded(facts: readonly Fact[]): readonly Fact[] {
  const groups = Map.groupBy(
    facts.toSorted((a, b) => a.atMs - b.atMs),
    ({ region, evidence }) => `${region} ${evidence}`,
  );
  return [...groups.values()].flatMap((group) =>
    group.length <= maxFacts ? group : [...group.slice(0, 1), ...group.slice(1 - maxFacts)],
  );
}

interface Push {
  readonly region: Region | undefined;
  readonly atMs: number;
}

const pushesOf = ({ facts, regionlessPushAtMs }: Reference): Push[] => [
  ...facts,
  ...(regionlessPushAtMs === undefined ? [] : [{ region: undefined, atMs: regionlessPushAtMs }]),
];

/**
 * | the deletion                                         | leads to                                              |
 * |------------------------------------------------------|-------------------------------------------------------|
 * | takes pushes that counted                            | the references that had them lose their verdicts      |
 * | takes what was read, and a region lacks it now       | the same                                              |
 * | takes nothing, as when it travels behind a push      | verdicts stay                                         |
 * | shows that the image was deleted earlier than known  | pushes since then count again                         |
 */
function applyDeletion(
  before: Image | undefined,
  { image: id, region, at }: DeleteNotification,
  nowMs: number,
): NotificationEffect {
  const image = before ?? newImage(id, nowMs);
  const deletions = withDeletion(image.deletions, region, at.getTime());
  if (isSameDeletions(deletions, image.deletions)) return { kind: 'unchanged' };
  const isInDoubt = region === undefined || isFirstNotice(image.deletions, deletions);
  const after = { ...(isInDoubt ? withoutRead(image) : image), deletions };
  const references = image.references.map((known, index): Reference => {
    const left = after.references[index] ?? known;
    if (losesVerdicts(known, image, left, after)) return afterDeletion(left, deletions);
    const comesBack = !isLive(image, known) && isLive(after, left);
    return comesBack ? begun(left, left.tag, firstLearnedMs(left, deletions) ?? nowMs) : left;
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
  return {
    ...after,
    // Where a tag's verdict stays, the digest is there too, though what was read of it is dropped.
    replicatedAtMs: keepsVerdict
      ? before.replicatedAtMs
      : earliest(live.flatMap((one) => one.replicatedAtMs ?? [])),
    verificationAttempts: 0,
    firstSeenMs: earliest(live.map((one) => one.firstSeenMs)) ?? after.firstSeenMs,
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
 */
function afterDeletion(reference: Reference, deletions: Deletions): Reference {
  const { revertedAtMs, firstSeenMs } = reference;
  const counts = countsAfter(deletions);
  const current = reference.facts.filter(counts);
  if (revertedAtMs !== undefined && counts({ region: undefined, atMs: revertedAtMs })) {
    const byRegion = [...Map.groupBy(current, ({ region }) => region).values()];
    const isPushedOnce = byRegion.every(({ length }) => length === 1);
    return isPushedOnce ? { ...reference, revertedAtMs: undefined } : reference;
  }
  return {
    ...withoutVerdicts(reference),
    firstSeenMs: firstLearnedMs(reference, deletions) ?? firstSeenMs,
    revertedAtMs: undefined,
  };
}

const firstLearnedMs = ({ facts }: Reference, deletions: Deletions): number | undefined =>
  earliest(facts.filter(countsAfter(deletions)).map(({ learnedAtMs }) => learnedAtMs));

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);
