import { counts, type Fact, type Image } from './image.ts';

/** A digest that a tag pointed at, and since when it did for the last time. Times are ms by the registry's clock. */
export interface TagPush {
  readonly digest: string;
  readonly pushedAtMs: number;
  /** Set when the tag came back to this digest after it had pointed elsewhere. */
  readonly returnedAtMs: number | undefined;
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
export function tagTimeline(tag: string, images: readonly Image[]): TagPush[] {
  const all = images.map((image) => pushTimes(image, tag, () => true));
  return images
    .flatMap((image, index): TagPush[] => {
      const current = pushTimes(image, tag, (atMs) => counts(atMs, image));
      const times = current.length > 0 ? current : (all[index] ?? []);
      const [pushedAtMs] = times;
      if (pushedAtMs === undefined) return [];
      const elsewhere = all.filter((_, other) => other !== index).flat();
      const returnedAtMs = lastReturn(times, elsewhere);
      return [{ digest: image.id.digest, pushedAtMs: returnedAtMs ?? pushedAtMs, returnedAtMs }];
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
  if (reference.unplacedAtMs !== undefined && isIncluded(reference.unplacedAtMs))
    streams.push([reference.unplacedAtMs]);
  const pushes = Math.max(0, ...streams.map(({ length }) => length));
  return Array.from({ length: pushes }, (_, push) =>
    Math.min(...streams.flatMap((times) => times[push] ?? [])),
  );
}

const timesOf = (facts: readonly Fact[]): number[] => facts.map(({ atMs }) => atMs).sort((a, b) => a - b);

/** The last of some pushes of a digest that another digest was pushed before, since the one before it. */
const lastReturn = (times: readonly number[], elsewhere: readonly number[]): number | undefined =>
  times.findLast((time, index) => {
    const before = times[index - 1] ?? time;
    return elsewhere.some((atMs) => before < atMs && atMs < time);
  });
