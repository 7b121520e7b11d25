import type { Region } from '../registries/replica.ts';
import { withoutVerdicts } from './apply-notification.ts';
import {
  type Fact,
  type Image,
  isAfterDeletion,
  type Reference,
  referenceFacts,
  regionsOf,
} from './image.ts';

/** A digest that a tag pointed at, and since when it did for the last time. Times are ms by the registry's clock. */
export interface TagPush {
  readonly digest: string;
  readonly pushedAtMs: number;
  /** Set when the tag came back to this digest after it had pointed elsewhere. */
  readonly revertedAtMs: number | undefined;
}

/**
 * When each image was last pushed under a tag, the newest first; ties by digest, so that every instance agrees.
 *
 * A push is as old as its oldest notice, because the notice of a copy may carry the copy's own time. So a notice that
 * is newer than another digest's push does not mean that the tag came back: a copy may just be late. How often a region
 * showed a digest tells which push it shows: the tag came back with the second one, if another digest was pushed
 * between the first and the second. A region's webhook and its event of one push are taken to tell the same time.
 *
 * | region | shown                        | means                                                   |
 * |--------|------------------------------|---------------------------------------------------------|
 * | a      | D1 10:00, D2 11:00           | D2 is newer                                             |
 * | b      | D2 11:05, D1 11:09           | D1 arrived late; nothing else                           |
 * | a      | D1 10:00, D2 11:00, D1 12:00 | D1 again, pushed at 12:00                               |
 * | a      | D1 10:00, D1 10:30, D2 11:00 | D1 twice, and D2 is newer                               |
 * | b      | D1 10:05, D2 11:05, D1 11:09 | after the line above: the second D1 arrived late        |
 *
 * Of an image that was deleted and pushed again only the pushes since then count.
 */
export function tagPushes(tag: string, images: readonly Image[]): TagPush[] {
  const all = images.map((image) => pushTimes(image, tag, () => true));
  return images
    .flatMap((image, index): TagPush[] => {
      const current = pushTimes(image, tag, (atMs) => isAfterDeletion(atMs, image));
      const times = current.length > 0 ? current : (all[index] ?? []);
      const [pushedAtMs] = times;
      if (pushedAtMs === undefined) return [];
      const elsewhere = all.filter((_, other) => other !== index).flat();
      const revertedAtMs = lastRevert(times, elsewhere);
      return [{ digest: image.id.digest, pushedAtMs: revertedAtMs ?? pushedAtMs, revertedAtMs }];
    })
    .sort((a, b) => b.pushedAtMs - a.pushedAtMs || (a.digest < b.digest ? 1 : -1));
}

/** When an image was pushed under a tag, the first time, the second, and so on. */
function pushTimes({ references }: Image, tag: string, isIncluded: (atMs: number) => boolean): number[] {
  const reference = references.find((one) => one.tag === tag);
  if (reference === undefined) return [];
  // A region that was asked may have answered from before a push whose notice carries an older time.
  const told = reference.facts.filter(({ atMs, evidence }) => evidence !== 'verified' && isIncluded(atMs));
  const streams = [...Map.groupBy(told, ({ region }) => region).values()].map(timesOf);
  if (reference.regionlessPushAtMs !== undefined && isIncluded(reference.regionlessPushAtMs))
    streams.push([reference.regionlessPushAtMs]);
  const pushes = Math.max(0, ...streams.map(({ length }) => length));
  return Array.from({ length: pushes }, (_, push) =>
    Math.min(...streams.flatMap((times) => times[push] ?? [])),
  );
}

const timesOf = (facts: readonly Fact[]): number[] => facts.map(({ atMs }) => atMs).sort((a, b) => a - b);

/** The last of some pushes of a digest that another digest was pushed before, since the one before it. */
const lastRevert = (times: readonly number[], elsewhere: readonly number[]): number | undefined =>
  times.findLast((time, index) => {
    const before = times[index - 1] ?? time;
    return elsewhere.some((atMs) => before < atMs && atMs < time);
  });

/**
 * A tag that came back to an image begins a new episode of it: what regions showed before counts no more.
 *
 * | known return | found return | effect                                                   |
 * |--------------|--------------|----------------------------------------------------------|
 * | none         | 12:00        | a new episode                                            |
 * | 12:00        | 12:00        | none: the same image                                     |
 * | 12:00        | 14:00        | a new episode                                            |
 * | 12:00        | 11:59        | the same return, of which an older notice came later     |
 */
export function withTagRevert(
  image: Image,
  tag: string,
  revertedAtMs: number | undefined,
  nowMs: number,
): Image {
  const known = image.references.find((reference) => reference.tag === tag);
  if (revertedAtMs === undefined || known === undefined || known.revertedAtMs === revertedAtMs) return image;
  const isNew = known.revertedAtMs === undefined || revertedAtMs > known.revertedAtMs;
  const reference = isNew ? { ...withoutVerdicts(known), firstSeenMs: nowMs } : known;
  const references = image.references.map((one) => (one === known ? { ...reference, revertedAtMs } : one));
  return {
    ...image,
    references,
    ...(isNew ? { verificationAttempts: 0, nextVerificationAtMs: undefined } : {}),
  };
}

/**
 * The regions that resolve a tag to another digest than its newest.
 *
 * | the region                                       | resolves the tag to      |
 * |--------------------------------------------------|--------------------------|
 * | showed the tag on the newest digest              | that                     |
 * | said just now what it resolves the tag to        | what it said             |
 * | said just now that it has no such tag            | nothing                  |
 * | was not asked, and showed an older digest before | the one it showed last   |
 *
 * @param older images that the tag pointed at before
 */
export function divergedRegions(
  newest: Image,
  reference: Reference,
  older: readonly Image[],
  expected: readonly Region[],
  asked: { readonly answered: ReadonlySet<Region>; readonly elsewhere: ReadonlyMap<Region, string> },
): Map<Region, string> {
  const right = regionsOf(referenceFacts(newest, reference));
  const diverged = new Map<Region, string>();
  for (const region of expected) {
    if (right.has(region)) continue;
    const digest =
      asked.elsewhere.get(region) ??
      (asked.answered.has(region) ? undefined : lastShown(region, reference.tag, older));
    if (digest !== undefined && digest !== newest.id.digest) diverged.set(region, digest);
  }
  return diverged;
}

function lastShown(region: Region, tag: string | undefined, older: readonly Image[]): string | undefined {
  const shown = older.flatMap((image) => {
    const reference = image.references.find((one) => one.tag === tag);
    if (reference === undefined) return [];
    const there = referenceFacts(image, reference).filter((fact) => fact.region === region);
    return there.map(({ atMs }) => ({ atMs, digest: image.id.digest }));
  });
  return shown.sort((a, b) => b.atMs - a.atMs)[0]?.digest;
}
