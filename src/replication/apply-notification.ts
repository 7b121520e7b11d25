import type { Region } from '../registries/replica.ts';
import { applyDeletion } from './apply-deletion.ts';
import {
  countsAfter,
  type Fact,
  type Image,
  inNewEpisode,
  isDeleted,
  isLive,
  newImage,
  pushesOf,
  type Reference,
  wasRead,
} from './image.ts';
import type { Notification, PushNotification } from './notification.ts';

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
    known === undefined || (!isOutdated && !isLive(image, known)) ? inNewEpisode(known, tag, nowMs) : known;
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
  const references = before.references.map((one) => inNewEpisode(one, one.tag, nowMs));
  return { ...image, generation, deletions, outbox, finishedAtMs, references };
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
