import { counts, type Image } from './image.ts';

/** A digest that a tag pointed at, and since when it did for the last time. Times are ms by the registry's clock. */
export interface TagPush {
  readonly digest: string;
  readonly pushedAtMs: number;
  /** Set when the tag came back to this digest after it had pointed elsewhere. */
  readonly returnedAtMs: number | undefined;
}

interface Showing {
  readonly digest: string;
  readonly atMs: number;
}

/**
 * When each image was last pushed under a tag, the newest first; ties by digest, so that every instance agrees.
 *
 * A push is as old as its oldest notice, because the notice of a copy may carry the copy's own time. So a notice
 * that is newer than another digest's push does not mean that the tag came back: a copy may just be late. It came
 * back when one region showed this digest, then another, then this one again. A region's
 * webhook and its event of one push are taken to tell the same time.
 *
 * | region | shown                        | means                         |
 * |--------|------------------------------|-------------------------------|
 * | a      | D1 10:00, D2 11:00           | D2 is newer                   |
 * | b      | D2 11:05, D1 11:09           | D1 arrived late; nothing else |
 * | a      | D1 10:00, D2 11:00, D1 12:00 | D1 again, pushed at 12:00     |
 *
 * Of an image that was deleted and pushed again only the pushes since then count.
 */
export function tagTimeline(tag: string, images: readonly Image[]): TagPush[] {
  const showings = new Map<string, Showing[]>();
  for (const { id, references } of images) {
    const reference = references.find((one) => one.tag === tag);
    for (const { region, atMs, evidence } of reference?.facts ?? []) {
      // A region that was asked may have answered from before a push whose notice carries an older time.
      if (evidence === 'verified') continue;
      showings.set(region, [...(showings.get(region) ?? []), { digest: id.digest, atMs }]);
    }
  }
  const streams = [...showings.values()].map((stream) =>
    stream.sort((a, b) => a.atMs - b.atMs || byDigest(b, a)),
  );
  return images
    .flatMap((image) => pushOf(tag, image, streams))
    .sort((a, b) => b.pushedAtMs - a.pushedAtMs || byDigest(a, b));
}

const byDigest = (a: { digest: string }, b: { digest: string }): number => (a.digest < b.digest ? 1 : -1);

function pushOf(tag: string, image: Image, streams: readonly (readonly Showing[])[]): TagPush[] {
  const { digest } = image.id;
  const reference = image.references.find((one) => one.tag === tag);
  if (reference === undefined) return [];
  const times = reference.facts.map(({ atMs }) => atMs);
  if (reference.unplacedAtMs !== undefined) times.push(reference.unplacedAtMs);
  if (times.length === 0) return [];
  const current = times.filter((atMs) => counts(atMs, image));
  const firstAtMs = Math.min(...(current.length > 0 ? current : times));
  const returns = streams.map((stream) => returnsTo(digest, stream, firstAtMs));
  const last = Math.max(...returns.map(({ length }) => length));
  if (last <= 0) return [{ digest, pushedAtMs: firstAtMs, returnedAtMs: undefined }];
  // The regions see the same returns at different times; of the last one the earliest report counts.
  const reports = returns.flatMap((seen) => seen[last - 1] ?? []);
  const returnedAtMs = Math.min(...reports);
  return [{ digest, pushedAtMs: returnedAtMs, returnedAtMs }];
}

/** When a region showed a digest again after another one, since its first push. */
function returnsTo(digest: string, stream: readonly Showing[], firstAtMs: number): number[] {
  const firstAt = stream.findIndex((showing) => showing.digest === digest && showing.atMs >= firstAtMs);
  if (firstAt < 0) return [];
  return stream
    .slice(firstAt + 1)
    .flatMap((showing, index) =>
      showing.digest === digest && stream[firstAt + index]?.digest !== digest ? [showing.atMs] : [],
    );
}
