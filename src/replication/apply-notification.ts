import type { Region } from '../registries/replica.ts';
import { counts, digestFacts, type Fact, type Image, isDeleted, isLive, type Reference } from './image.ts';
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
export type Absorbed =
  | { readonly kind: 'known' }
  | { readonly kind: 'learned' | 'shownAgain' | 'outdated' | 'deleted'; readonly image: Image };

export function absorb(before: Image | undefined, notice: Notification, nowMs: number): Absorbed {
  return notice.kind === 'delete' ? absorbDeletion(before, notice, nowMs) : absorbPush(before, notice, nowMs);
}

function absorbDeletion(
  before: Image | undefined,
  { image: id, at }: DeleteNotification,
  nowMs: number,
): Absorbed {
  const deletedAtMs = at.getTime();
  const image = before ?? newImage(id, nowMs);
  if (!counts(deletedAtMs, image)) return { kind: 'known' };
  const lost = new Set(image.references.filter((one) => losesPush(one, image, { deletedAtMs })));
  // Each region tells of a deletion with a time of its own: one that takes nothing away is the same one again.
  if (lost.size === 0) return { kind: 'deleted', image: { ...image, deletedAtMs } };
  const told = image.references.map(withoutVerified);
  const isEverywhere = isComplete({ ...image, deletedAtMs, verified: [], references: told });
  const references = image.references.map((one) => {
    // What was pushed by digest only was judged by what was told of all tags.
    const isLost = lost.has(one) || (one.tag === undefined && !isEverywhere);
    return isLost ? sinceDeletion(withoutVerified(one), deletedAtMs) : withoutVerified(one);
  });
  const live = references.filter((one) => isLive({ deletedAtMs }, one));
  const seen = live.map((one) => one.firstSeenMs);
  const firstSeenMs = seen.length === 0 ? image.firstSeenMs : Math.min(...seen);
  // Where a tag's verdict stays, the digest is there too, though what was read of it may be forgotten.
  const judgedAt = live.flatMap((one) => one.replicatedAtMs ?? []);
  const replicatedAtMs = judgedAt.length === 0 ? undefined : Math.min(...judgedAt);
  const nothingRead = { verified: [], unverified: {}, replicatedAtMs, looks: 0 };
  return { kind: 'deleted', image: { ...image, ...nothingRead, deletedAtMs, firstSeenMs, references } };
}

type Deletion = Pick<Image, 'deletedAtMs'>;

/** Does something that counted before a deletion not count after it? */
const losesPush = ({ facts, unplacedAtMs }: Reference, before: Deletion, after: Deletion): boolean =>
  [...facts.map(({ atMs }) => atMs), ...(unplacedAtMs === undefined ? [] : [unplacedAtMs])].some(
    (atMs) => counts(atMs, before) && !counts(atMs, after),
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
function sinceDeletion(reference: Reference, deletedAtMs: number): Reference {
  const { returnedAtMs, firstSeenMs } = reference;
  const current = reference.facts.filter(({ atMs }) => counts(atMs, { deletedAtMs }));
  if (returnedAtMs !== undefined && counts(returnedAtMs, { deletedAtMs })) {
    const shown = [...Map.groupBy(current, ({ region }) => region).values()];
    const isPushedOnce = shown.every(({ length }) => length === 1);
    return isPushedOnce ? { ...reference, returnedAtMs: undefined } : reference;
  }
  const learned = current.map(({ learnedAtMs }) => learnedAtMs);
  return {
    ...unjudged(reference),
    firstSeenMs: learned.length === 0 ? firstSeenMs : Math.min(...learned),
    returnedAtMs: undefined,
  };
}

function absorbPush(before: Image | undefined, notice: PushNotification, nowMs: number): Absorbed {
  const isOutdated = before !== undefined && !counts(notice.at.getTime(), before);
  const beginsEpisode = before === undefined || (isDeleted(before) && !isOutdated);
  const image = beginsEpisode ? newEpisode(before, notice, nowMs) : before;
  const known = image.references.find(({ tag }) => tag === notice.tag);
  const reference = known ?? newReference(notice.tag, nowMs);
  const { region } = notice;
  const effect =
    region === undefined ? unplaced(reference, notice, image) : placed(reference, region, notice, nowMs);
  if (effect.kind === 'known') return effect;
  const references = [...image.references.filter((one) => one !== known), effect.reference];
  const asks = region === undefined && !isOutdated ? { nextLookAtMs: nowMs } : {};
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

type Effect =
  | { readonly kind: 'known' }
  | { readonly kind: 'learned' | 'shownAgain'; readonly reference: Reference };

function unplaced(reference: Reference, { at }: PushNotification, image: Image): Effect {
  const atMs = at.getTime();
  const { facts, unplacedAtMs } = reference;
  const times = [...facts.map((fact) => fact.atMs), ...(unplacedAtMs === undefined ? [] : [unplacedAtMs])];
  // One from before a deletion says nothing of a push after it, and the other way round.
  const current = times.filter((time) => counts(time, image));
  const isNews = counts(atMs, image) ? current.every((time) => atMs < time) : times.length === 0;
  return isNews ? { kind: 'learned', reference: { ...reference, unplacedAtMs: atMs } } : { kind: 'known' };
}

function placed(
  reference: Reference,
  region: Region,
  { at, evidence }: PushNotification,
  nowMs: number,
): Effect {
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
  nextLookAtMs: undefined,
  looks: 0,
  outbox: [],
  finishedAtMs: undefined,
});

/** After a deletion everything is asked anew; only the order of the pushes is remembered. */
function newEpisode(before: Image | undefined, { image: id }: PushNotification, nowMs: number): Image {
  const image = newImage(id, nowMs);
  if (before === undefined) return image;
  const { generation, deletedAtMs, outbox, finishedAtMs } = before;
  const references = before.references.map((reference) => ({ ...unjudged(reference), firstSeenMs: nowMs }));
  return { ...image, generation, deletedAtMs, outbox, finishedAtMs, references };
}

const newReference = (tag: string | undefined, nowMs: number): Reference => ({
  tag,
  firstSeenMs: nowMs,
  unplacedAtMs: undefined,
  facts: [],
  returnedAtMs: undefined,
  ...noVerdict,
});

const noVerdict = {
  replicatedAtMs: undefined,
  stalledAtMs: undefined,
  divergedAtMs: undefined,
  supersededAtMs: undefined,
};

export const unjudged = (reference: Reference): Reference => ({ ...reference, ...noVerdict });
