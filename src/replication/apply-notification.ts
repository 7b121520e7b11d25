import type { Region } from '../registries/replica.ts';
import {
  digestFacts,
  type Fact,
  type Image,
  isAfterDeletion,
  isDeleted,
  isLive,
  type Reference,
} from './image.ts';
import type { DeleteNotification, Notification, PushNotification } from './notification.ts';
import { missingRegions } from './verdict.ts';

/**
 * What a notice adds to what is known of an image. Order and repetition do not matter, so every push is kept that has
 * a time of its own in its region.
 *
 * | notice                                           | effect                                             |
 * |--------------------------------------------------|----------------------------------------------------|
 * | push of a region, first of its reference there   | `learned`                                          |
 * | the same push of the same region again           | `known`, whichever way it is told                  |
 * | push of a region that had it, with another time  | `shownAgain`: the tag may have come back           |
 * | push without a region, of an unknown reference   | `learned`, and the review is to ask at once        |
 * | push without a region, of a known reference      | `known`, unless it is older than all that is known |
 * | push after a deletion                            | `learned` or `shownAgain`, in a new episode        |
 * | push, not newer than a deletion                  | `outdated`: where its tag pointed is remembered    |
 * | the same again                                   | `known`                                            |
 * | deletion, newer than the last one                | `deleted`: older facts count no more               |
 */
export type NotificationEffect =
  | { readonly kind: 'known' }
  | { readonly kind: 'learned' | 'shownAgain' | 'outdated' | 'deleted'; readonly image: Image };

export function applyNotification(
  before: Image | undefined,
  notice: Notification,
  nowMs: number,
): NotificationEffect {
  return notice.kind === 'delete' ? applyDeletion(before, notice, nowMs) : applyPush(before, notice, nowMs);
}

function applyDeletion(
  before: Image | undefined,
  { image: id, at }: DeleteNotification,
  nowMs: number,
): NotificationEffect {
  const deletedAtMs = at.getTime();
  const image = before ?? newImage(id, nowMs);
  if (!isAfterDeletion(deletedAtMs, image)) return { kind: 'known' };
  const lost = new Set(image.references.filter((one) => losesPush(one, image, { deletedAtMs })));
  // Each region tells of a deletion with a time of its own: one that takes nothing away is the same one again.
  if (lost.size === 0) return { kind: 'deleted', image: { ...image, deletedAtMs } };
  const told = image.references.map(withoutVerified);
  const isEverywhere = isComplete({ ...image, deletedAtMs, verified: [], references: told });
  const references = image.references.map((one) => {
    // What was pushed by digest only was judged by what was told of all tags.
    const isLost = lost.has(one) || (one.tag === undefined && !isEverywhere);
    return isLost ? afterDeletion(withoutVerified(one), deletedAtMs) : withoutVerified(one);
  });
  const live = references.filter((one) => isLive({ deletedAtMs }, one));
  const seen = live.map((one) => one.firstSeenMs);
  const firstSeenMs = seen.length === 0 ? image.firstSeenMs : Math.min(...seen);
  // Where a tag's verdict stays, the digest is there too, though what was read of it may be forgotten.
  const judgedAt = live.flatMap((one) => one.replicatedAtMs ?? []);
  const replicatedAtMs = judgedAt.length === 0 ? undefined : Math.min(...judgedAt);
  const nothingRead = { verified: [], unverified: {}, replicatedAtMs, verificationAttempts: 0 };
  return { kind: 'deleted', image: { ...image, ...nothingRead, deletedAtMs, firstSeenMs, references } };
}

type Deletion = Pick<Image, 'deletedAtMs'>;

/** Does something that counted before a deletion not count after it? */
const losesPush = ({ facts, regionlessPushAtMs }: Reference, before: Deletion, after: Deletion): boolean =>
  [...facts.map(({ atMs }) => atMs), ...(regionlessPushAtMs === undefined ? [] : [regionlessPushAtMs])].some(
    (atMs) => isAfterDeletion(atMs, before) && !isAfterDeletion(atMs, after),
  );

/** As far as anybody could say at its first fact. */
const isComplete = (image: Image): boolean =>
  image.expected !== undefined && missingRegions(image.expected, digestFacts(image)).length === 0;

/** What was read may have been there since before the deletion, since each region deletes its copy in its own time. */
const withoutVerified = (reference: Reference): Reference => ({
  ...reference,
  facts: reference.facts.filter(({ evidence }) => evidence !== 'verified'),
});

/**
 * What a deletion leaves of a reference; it may have been pushed again before the deletion was told.
 *
 * | since the deletion             | what was said of it | the return of its tag                         |
 * |--------------------------------|---------------------|-----------------------------------------------|
 * | the tag is not known to return | is taken back       |                                               |
 * | the tag came back, pushed once | stays               | is that push: whatever is newer shows it      |
 * | the tag came back, pushed more | stays               | stays                                         |
 */
function afterDeletion(reference: Reference, deletedAtMs: number): Reference {
  const { revertedAtMs, firstSeenMs } = reference;
  const current = reference.facts.filter(({ atMs }) => isAfterDeletion(atMs, { deletedAtMs }));
  if (revertedAtMs !== undefined && isAfterDeletion(revertedAtMs, { deletedAtMs })) {
    const shown = [...Map.groupBy(current, ({ region }) => region).values()];
    const isPushedOnce = shown.every(({ length }) => length === 1);
    return isPushedOnce ? { ...reference, revertedAtMs: undefined } : reference;
  }
  const learned = current.map(({ learnedAtMs }) => learnedAtMs);
  return {
    ...withoutVerdicts(reference),
    firstSeenMs: learned.length === 0 ? firstSeenMs : Math.min(...learned),
    revertedAtMs: undefined,
  };
}

function applyPush(before: Image | undefined, notice: PushNotification, nowMs: number): NotificationEffect {
  const isOutdated = before !== undefined && !isAfterDeletion(notice.at.getTime(), before);
  const beginsEpisode = before === undefined || (isDeleted(before) && !isOutdated);
  const image = beginsEpisode ? newEpisode(before, notice, nowMs) : before;
  const known = image.references.find(({ tag }) => tag === notice.tag);
  const reference = known ?? newReference(notice.tag, nowMs);
  const { region } = notice;
  const effect =
    region === undefined
      ? applyPushWithoutRegion(reference, notice, image)
      : applyPushOfRegion(reference, region, notice, nowMs);
  if (effect.kind === 'known') return effect;
  const references = [...image.references.filter((one) => one !== known), effect.reference];
  const asks = region === undefined && !isOutdated ? { nextVerificationAtMs: nowMs } : {};
  return {
    kind: isOutdated ? 'outdated' : effect.kind,
    image: {
      ...image,
      ...asks,
      sizeBytes: image.sizeBytes ?? notice.sizeBytes,
      references: references.toSorted(byTag).slice(-maxReferences),
    },
  };
}

type ReferenceEffect =
  | { readonly kind: 'known' }
  | { readonly kind: 'learned' | 'shownAgain'; readonly reference: Reference };

function applyPushWithoutRegion(
  reference: Reference,
  { at }: PushNotification,
  image: Image,
): ReferenceEffect {
  const atMs = at.getTime();
  const { facts, regionlessPushAtMs } = reference;
  const times = [
    ...facts.map((fact) => fact.atMs),
    ...(regionlessPushAtMs === undefined ? [] : [regionlessPushAtMs]),
  ];
  // One from before a deletion says nothing of a push after it, and the other way round.
  const current = times.filter((time) => isAfterDeletion(time, image));
  const isNews = isAfterDeletion(atMs, image) ? current.every((time) => atMs < time) : times.length === 0;
  return isNews
    ? { kind: 'learned', reference: { ...reference, regionlessPushAtMs: atMs } }
    : { kind: 'known' };
}

function applyPushOfRegion(
  reference: Reference,
  region: Region,
  { at, evidence }: PushNotification,
  nowMs: number,
): ReferenceEffect {
  const atMs = at.getTime();
  const told = reference.facts.filter((fact) => fact.region === region && fact.evidence !== 'verified');
  if (told.some((fact) => fact.atMs === atMs)) return { kind: 'known' };
  const fact: Fact = { region, atMs, evidence, learnedAtMs: nowMs };
  const facts = bounded([...reference.facts, fact]);
  return { kind: told.length === 0 ? 'learned' : 'shownAgain', reference: { ...reference, facts } };
}

/** An image seldom has more than a few tags; of one that gets a new tag with every build, the newest count. */
const maxReferences = 100;
/** Of one region, told one way, for one tag. */
const maxFacts = 6;

/** The order of facts must not depend on the order of notices. When there are too many, the first and the last stay. */
function bounded(facts: readonly Fact[]): readonly Fact[] {
  const groups = Map.groupBy(
    facts.toSorted((a, b) => a.atMs - b.atMs),
    ({ region, evidence }) => `${region} ${evidence}`,
  );
  return [...groups.values()].flatMap((group) =>
    group.length <= maxFacts ? group : [...group.slice(0, 1), ...group.slice(1 - maxFacts)],
  );
}

const byTag = (a: Reference, b: Reference): number =>
  a.firstSeenMs - b.firstSeenMs || ((a.tag ?? '') < (b.tag ?? '') ? -1 : 1);

const newImage = (id: Image['id'], nowMs: number): Image => ({
  id,
  generation: 1,
  firstSeenMs: nowMs,
  sizeBytes: undefined,
  expected: undefined,
  deletedAtMs: undefined,
  references: [],
  verified: [],
  unverified: {},
  replicatedAtMs: undefined,
  nextVerificationAtMs: undefined,
  verificationAttempts: 0,
  outbox: [],
  finishedAtMs: undefined,
});

/** After a deletion everything is asked anew; only the order of the pushes is remembered. */
function newEpisode(before: Image | undefined, { image: id }: PushNotification, nowMs: number): Image {
  const image = newImage(id, nowMs);
  if (before === undefined) return image;
  const { generation, deletedAtMs, outbox, finishedAtMs } = before;
  const references = before.references.map((reference) => ({
    ...withoutVerdicts(reference),
    firstSeenMs: nowMs,
  }));
  return { ...image, generation, deletedAtMs, outbox, finishedAtMs, references };
}

const newReference = (tag: string | undefined, nowMs: number): Reference => ({
  tag,
  firstSeenMs: nowMs,
  regionlessPushAtMs: undefined,
  facts: [],
  revertedAtMs: undefined,
  ...noVerdict,
});

const noVerdict = {
  replicatedAtMs: undefined,
  stalledAtMs: undefined,
  divergedAtMs: undefined,
  supersededAtMs: undefined,
};

export const withoutVerdicts = (reference: Reference): Reference => ({ ...reference, ...noVerdict });
