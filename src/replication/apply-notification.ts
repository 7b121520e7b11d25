import type { Region } from '../registries/replica.ts';
import { missingRegions } from './expected-regions.ts';
import {
  digestFacts,
  type Fact,
  type Image,
  isAfterDeletion,
  isDeleted,
  isLive,
  newImage,
  newReference,
  type Reference,
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
 * | push that is not newer than a deletion           | `outdated`: kept for the history of its tag           |
 * | the same again                                   | `unchanged`                                           |
 * | deletion that is newer than the last one         | `deleted`: older facts no longer count                |
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
  const { tag, region } = notification;
  const isOutdated = before !== undefined && !isAfterDeletion(notification.at.getTime(), before);
  const beginsEpisode = before === undefined || (isDeleted(before) && !isOutdated);
  const image = beginsEpisode ? newEpisode(before, notification, nowMs) : before;
  const known = image.references.find((reference) => reference.tag === tag);
  const reference = known ?? newReference(tag, nowMs);
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
      sizeBytes: image.sizeBytes ?? notification.sizeBytes,
      references: references.toSorted(byFirstSeen).slice(-maxReferences),
    },
  };
}

/** After a deletion everything is determined anew; only the times of earlier pushes are kept. */
function newEpisode(before: Image | undefined, { image: id }: PushNotification, nowMs: number): Image {
  const image = newImage(id, nowMs);
  if (before === undefined) return image;
  const { generation, deletedAtMs, outbox, finishedAtMs } = before;
  const references = before.references.map((one) => ({ ...withoutVerdicts(one), firstSeenMs: nowMs }));
  return { ...image, generation, deletedAtMs, outbox, finishedAtMs, references };
}

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
  const times = pushTimes(reference);
  // A push from before a deletion says nothing of a push after it, and the other way round.
  const current = times.filter((time) => isAfterDeletion(time, image));
  const isNew = isAfterDeletion(atMs, image) ? current.every((time) => atMs < time) : times.length === 0;
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
  const reported = reference.facts.filter((fact) => fact.region === region && fact.evidence !== 'verified');
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

const pushTimes = ({ facts, regionlessPushAtMs }: Reference): number[] => [
  ...facts.map(({ atMs }) => atMs),
  ...(regionlessPushAtMs === undefined ? [] : [regionlessPushAtMs]),
];

function applyDeletion(
  before: Image | undefined,
  { image: id, at }: DeleteNotification,
  nowMs: number,
): NotificationEffect {
  const deletedAtMs = at.getTime();
  const image = before ?? newImage(id, nowMs);
  if (!isAfterDeletion(deletedAtMs, image)) return { kind: 'unchanged' };
  const affected = new Set(image.references.filter((one) => losesPush(one, image, { deletedAtMs })));
  // Each region reports a deletion with its own time. One that takes nothing away is the same deletion again.
  if (affected.size === 0) return { kind: 'deleted', image: { ...image, deletedAtMs } };

  const reported = image.references.map(withoutVerified);
  const isReportedEverywhere = isComplete({ ...image, deletedAtMs, verified: [], references: reported });
  const references = image.references.map((one) => {
    // The verdict of a push by digest follows from the facts of all tags.
    const isAffected = affected.has(one) || (one.tag === undefined && !isReportedEverywhere);
    return isAffected ? afterDeletion(withoutVerified(one), deletedAtMs) : withoutVerified(one);
  });
  const live = references.filter((one) => isLive({ deletedAtMs }, one));
  // Where a tag's verdict stays, the digest is there too, though what was read of it is dropped.
  const replicatedAtMs = earliest(live.flatMap((one) => one.replicatedAtMs ?? []));
  return {
    kind: 'deleted',
    image: {
      ...image,
      verified: [],
      unverified: {},
      replicatedAtMs,
      verificationAttempts: 0,
      deletedAtMs,
      firstSeenMs: earliest(live.map((one) => one.firstSeenMs)) ?? image.firstSeenMs,
      references,
    },
  };
}

type Deletion = Pick<Image, 'deletedAtMs'>;

/** Whether a push that counted before a deletion no longer counts after it. */
const losesPush = (reference: Reference, before: Deletion, after: Deletion): boolean =>
  pushTimes(reference).some((atMs) => isAfterDeletion(atMs, before) && !isAfterDeletion(atMs, after));

/** Whether every region has the digest, of those that were expected at its first fact. */
const isComplete = (image: Image): boolean =>
  image.expected !== undefined && missingRegions(image.expected, digestFacts(image)).length === 0;

/** Each region deletes its copy in its own time, so what was read may have been there since before the deletion. */
const withoutVerified = (reference: Reference): Reference => ({
  ...reference,
  facts: reference.facts.filter(({ evidence }) => evidence !== 'verified'),
});

/**
 * What a deletion leaves of a reference, which may have been pushed again before the deletion was reported.
 *
 * | since the deletion           | verdicts | revert of the tag                                 |
 * |------------------------------|----------|---------------------------------------------------|
 * | no known revert              | removed  |                                                   |
 * | reverted, with one push      | kept     | is that push, so any newer notification proves it |
 * | reverted, with more pushes   | kept     | kept                                              |
 */
function afterDeletion(reference: Reference, deletedAtMs: number): Reference {
  const { revertedAtMs, firstSeenMs } = reference;
  const current = reference.facts.filter(({ atMs }) => isAfterDeletion(atMs, { deletedAtMs }));
  if (revertedAtMs !== undefined && isAfterDeletion(revertedAtMs, { deletedAtMs })) {
    const byRegion = [...Map.groupBy(current, ({ region }) => region).values()];
    const isPushedOnce = byRegion.every(({ length }) => length === 1);
    return isPushedOnce ? { ...reference, revertedAtMs: undefined } : reference;
  }
  return {
    ...withoutVerdicts(reference),
    firstSeenMs: earliest(current.map(({ learnedAtMs }) => learnedAtMs)) ?? firstSeenMs,
    revertedAtMs: undefined,
  };
}

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);
