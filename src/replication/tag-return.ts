import { unjudged } from './apply-notification.ts';
import type { Image } from './image.ts';

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
export function withReturn(
  image: Image,
  tag: string,
  returnedAtMs: number | undefined,
  nowMs: number,
): Image {
  const known = image.references.find((reference) => reference.tag === tag);
  if (returnedAtMs === undefined || known === undefined || known.returnedAtMs === returnedAtMs) return image;
  const isNew = known.returnedAtMs === undefined || returnedAtMs > known.returnedAtMs;
  const reference = isNew ? { ...unjudged(known), firstSeenMs: nowMs } : known;
  const references = image.references.map((one) => (one === known ? { ...reference, returnedAtMs } : one));
  return { ...image, references, ...(isNew ? { looks: 0, nextLookAtMs: undefined } : {}) };
}
