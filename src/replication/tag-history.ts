import type { Deadline } from '../lib/deadline.ts';
import type { Region } from '../registries/replica.ts';
import { hasToldLast } from './deletions.ts';
import {
  countsAfter,
  type Fact,
  type Image,
  type ImageId,
  type Reference,
  referenceFacts,
  regionsOf,
  wasRead,
} from './image.ts';
import type { Ledger, TagId } from './ledger.ts';
import { seenImage } from './notice.ts';

/** The digests that a tag pointed at last, as far as they were read. */
export interface TagHistory {
  readonly images: readonly Image[];
  /** The newest first: the tag points at its digest. */
  readonly pushes: readonly TagPush[];
}

/** A digest that a tag pointed at. Times are ms by the registry's clock. */
export interface TagPush {
  readonly digest: string;
  /** Since when the tag pointed at it for the last time. */
  readonly pushedAtMs: number;
  /** Set when the tag reverted: it pointed at this digest, then at another one, then at this one again. */
  readonly revertedAtMs: number | undefined;
  /** When the other digest of that revert was pushed; the newest of them. */
  readonly revertedFromMs: number | undefined;
}

/**
 * When each image was last pushed under a tag, the newest first; ties go by digest, so that every instance agrees.
 *
 * A push is as old as its oldest notification, because that of a copy may carry the copy's own time. So a notification
 * that is newer than another digest's push does not prove a revert: a copy may just be late. How often a region
 * reported a digest tells which push a notification belongs to: the tag reverted with the second push of a digest if
 * another digest was pushed between its first and its second. A region's webhook and its event of one push are taken to
 * carry the same time.
 *
 * | region | reported                     | means                                                   |
 * |--------|------------------------------|---------------------------------------------------------|
 * | a      | D1 10:00, D2 11:00           | D2 is newer                                             |
 * | b      | D2 11:05, D1 11:09           | D1 arrived late; nothing else                           |
 * | a      | D1 10:00, D2 11:00, D1 12:00 | the tag reverted to D1 at 12:00                         |
 * | a      | D1 10:00, D1 10:30, D2 11:00 | D1 was pushed twice, and D2 is newer                    |
 * | b      | D1 10:05, D2 11:05, D1 11:09 | after the line above: the second D1 arrived late        |
 *
 * If an image was deleted and pushed again, only its pushes since the deletion count. A copy of an earlier push may come
 * to a region after the deletion elsewhere; how often a region that told the deletion was pushed to before it tells which
 * notifications of the other regions are such copies:
 *
 * | region | reported                        | means                                                |
 * |--------|---------------------------------|------------------------------------------------------|
 * | a      | D1 10:00, deleted 11:00, D1 12:00 | D1 was pushed at 12:00                             |
 * | b      | D1 11:05                        | after the line above: a late copy of the first push  |
 */
export function tagPushes(tag: string, images: readonly Image[]): TagPush[] {
  const all = images.map((image) => allPushTimes(image, tag));
  return images
    .flatMap((image, index): TagPush[] => {
      const current = currentPushTimes(image, tag);
      const times = current.length > 0 ? current : (all[index] ?? []);
      const [pushedAtMs] = times;
      if (pushedAtMs === undefined) return [];
      const ofOthers = all.filter((_, other) => other !== index).flat();
      const revert = lastRevert(times, ofOthers);
      return [{ digest: image.id.digest, pushedAtMs: revert.revertedAtMs ?? pushedAtMs, ...revert }];
    })
    .sort((a, b) => b.pushedAtMs - a.pushedAtMs || (a.digest < b.digest ? 1 : -1));
}

/** When an image was pushed under a tag for the first time, the second time, and so on. */
const allPushTimes = (image: Image, tag: string): number[] => {
  const { facts, regionlessMs } = reportedPushes(image, tag);
  return pushTimes([...facts.values()], regionlessMs);
};

/** The same of the pushes since the last deletion, without late copies of older ones where others are left. */
function currentPushTimes(image: Image, tag: string): number[] {
  const { deletions } = image;
  const { facts, regionlessMs } = reportedPushes(image, tag);
  const counts = countsAfter(deletions);
  const current = [...facts.values()].map((ofRegion) => ofRegion.filter(counts));
  const currentMs =
    regionlessMs !== undefined && counts({ region: undefined, atMs: regionlessMs })
      ? regionlessMs
      : undefined;
  const told = [...facts].filter(([region]) => hasToldLast(deletions, region));
  const deleted = Math.max(0, ...told.map(([, ofRegion]) => ofRegion.filter((one) => !counts(one)).length));
  const withoutCopies = [...facts].map(([region, ofRegion]) =>
    (hasToldLast(deletions, region) ? ofRegion : ofRegion.slice(deleted)).filter(counts),
  );
  const times = pushTimes(withoutCopies, currentMs);
  return times.length > 0 ? times : pushTimes(current, currentMs);
}

/** What notifications told of an image under a tag, by region and in order. */
function reportedPushes({ references }: Image, tag: string) {
  const reference = references.find((one) => one.tag === tag);
  // What was read does not count: it may be from before a push whose notification carries an older time.
  const reported = (reference?.facts ?? []).filter((fact) => !wasRead(fact)).sort((a, b) => a.atMs - b.atMs);
  return {
    facts: Map.groupBy(reported, ({ region }) => region),
    regionlessMs: reference?.regionlessPushAtMs,
  };
}

function pushTimes(facts: readonly (readonly Fact[])[], regionlessMs: number | undefined): number[] {
  const streams = facts.map((ofRegion) => ofRegion.map(({ atMs }) => atMs));
  if (regionlessMs !== undefined) streams.push([regionlessMs]);
  const pushes = Math.max(0, ...streams.map(({ length }) => length));
  return Array.from({ length: pushes }, (_, push) =>
    Math.min(...streams.flatMap((times) => times[push] ?? [])),
  );
}

type Revert = Pick<TagPush, 'revertedAtMs' | 'revertedFromMs'>;

/** The last push of a digest that has a push of another digest between the one before it and itself. */
function lastRevert(times: readonly number[], ofOthers: readonly number[]): Revert {
  const reverts = times.flatMap((time, index): Revert[] => {
    const before = times[index - 1] ?? time;
    const between = ofOthers.filter((atMs) => before < atMs && atMs < time);
    return between.length === 0 ? [] : [{ revertedAtMs: time, revertedFromMs: Math.max(...between) }];
  });
  return reverts.at(-1) ?? { revertedAtMs: undefined, revertedFromMs: undefined };
}

/**
 * What a revert that was found means for a reference whose last revert is known. Notifications that come late and in
 * part make the time of one revert look different, so only another digest's push since then makes it a new one.
 *
 * | known revert                | found revert | other digest pushed at | it is                                        |
 * |-----------------------------|--------------|------------------------|----------------------------------------------|
 * | none                        | 12:00        | 11:00                  | new                                          |
 * | 12:00                       | 12:00        | 11:00                  | known                                        |
 * | 12:00                       | 14:00        | 13:00                  | new                                          |
 * | 12:00                       | 11:59        | 11:00                  | moved; an older notification of it came later |
 * | 12:00, and no verdict since | 12:01        | 11:00                  | moved                                        |
 * | 12:00, and a verdict since  | 12:01        | 11:00                  | known: a verdict is not taken back           |
 */
export function meaningOfRevert(
  known: Pick<Reference, 'revertedAtMs' | 'replicatedAtMs'>,
  { revertedAtMs, revertedFromMs }: Revert,
): 'known' | 'moved' | 'new' {
  if (revertedAtMs === undefined || revertedAtMs === known.revertedAtMs) return 'known';
  if (known.revertedAtMs === undefined) return 'new';
  if (revertedFromMs !== undefined && revertedFromMs > known.revertedAtMs) return 'new';
  const isLater = revertedAtMs > known.revertedAtMs;
  return isLater && known.replicatedAtMs !== undefined ? 'known' : 'moved';
}

/** What regional endpoints answered for a tag just now. */
interface ObservedTag {
  readonly answered: ReadonlySet<Region>;
  /** The digest that a region resolves the tag to, where it is not the expected one. */
  readonly otherDigests: ReadonlyMap<Region, string>;
}

/**
 * The regions that resolve a tag to another digest than its newest, each with that digest.
 *
 * | the region                                            | resolves the tag to         |
 * |-------------------------------------------------------|-----------------------------|
 * | reported the tag on the newest digest                 | that digest                 |
 * | answered just now with a digest                       | the digest in its answer    |
 * | answered just now that it has no such tag             | nothing                     |
 * | was not asked, and reported an older digest before    | the one it reported last    |
 *
 * @param older images that the tag pointed at before
 */
export function divergedRegions(
  newest: Image,
  reference: Reference,
  older: readonly Image[],
  expected: readonly Region[],
  observed: ObservedTag,
): Map<Region, string> {
  const right = regionsOf(referenceFacts(newest, reference));
  const diverged = new Map<Region, string>();
  for (const region of expected) {
    if (right.has(region)) continue;
    const digest =
      observed.otherDigests.get(region) ??
      (observed.answered.has(region) ? undefined : lastReported(region, reference.tag, older));
    if (digest !== undefined && digest !== newest.id.digest) diverged.set(region, digest);
  }
  return diverged;
}

function lastReported(region: Region, tag: string | undefined, older: readonly Image[]): string | undefined {
  const reported = older.flatMap((image) => {
    const reference = image.references.find((one) => one.tag === tag);
    if (reference === undefined) return [];
    const facts = referenceFacts(image, reference).filter((fact) => fact.region === region);
    return facts.map(({ atMs }) => ({ atMs, digest: image.id.digest }));
  });
  return reported.sort((a, b) => b.atMs - a.atMs)[0]?.digest;
}

/** The notifications of this many pushes of one tag have to be out of order before the newest push is missed. */
const consideredImages = 4;

/**
 * Reads the images that a tag pointed at last.
 * @param known one of them that was read already
 * @throws {StateUnavailableError}
 */
export async function readTagHistory(
  tag: TagId,
  { images, tags }: Pick<Ledger, 'images' | 'tags'>,
  deadline: Deadline,
  known?: Image,
): Promise<TagHistory> {
  const { registry, repository } = tag;
  const candidates = (await tags.read(tag, deadline)).slice(0, consideredImages);
  const read = await Promise.all(
    candidates
      .filter(({ digest }) => digest !== known?.id.digest)
      .map(async ({ digest }) => {
        const id: ImageId = { registry, repository, digest };
        const stored = await images.read(id, deadline);
        return stored && seenImage(stored);
      }),
  );
  const all = [known, ...read].filter((image) => image !== undefined);
  return { images: all, pushes: tagPushes(tag.tag, all) };
}
