import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import { applyNotification } from './apply-notification.ts';
import type { Image, ImageId } from './image.ts';
import { ImageTextError } from './image-codec.ts';
import type { Notice, StoredImage } from './ledger.ts';

const common = { at: v.pipe(v.string(), v.isoTimestamp()), region: v.optional(v.string()) };
const storedNotification = v.variant('kind', [
  v.object({
    ...common,
    kind: v.literal('push'),
    tag: v.optional(v.string()),
    evidence: v.picklist(['webhook', 'event']),
    sizeBytes: v.optional(v.number()),
  }),
  v.object({ ...common, kind: v.literal('delete') }),
]);
const storedNotice = v.object({ receivedAtMs: v.number(), notification: storedNotification });

/** The notice as JSON, without the image's id. */
export function encodeNotice({ notification, receivedAtMs }: Notice): string {
  const { image: _, ...rest } = notification;
  return asciiJson({ receivedAtMs, notification: rest });
}

/** The same for repeats of a notification, whenever they were received. */
export const noticeIdentity = ({ notification }: Notice): string =>
  encodeNotice({ notification, receivedAtMs: 0 });

/** @throws {ImageTextError} */
export function decodeNotice(image: ImageId, text: string): Notice {
  const parsed = v.safeParse(storedNotice, parseJson(text));
  if (!parsed.success) {
    throw new ImageTextError(`${image.repository}@${image.digest}`, 'a notification beside it');
  }
  const { receivedAtMs, notification: stored } = parsed.output;
  const known = { image, at: new Date(stored.at), region: stored.region };
  if (stored.kind === 'delete') return { receivedAtMs, notification: { kind: 'delete', ...known } };
  const { tag, evidence, sizeBytes } = stored;
  return { receivedAtMs, notification: { kind: 'push', ...known, tag, evidence, sizeBytes } };
}

/** The image as it is once the notices beside it are taken in; verdicts that follow from them are given then. */
export const seenImage = ({ image, notices }: StoredImage): Image =>
  notices.reduce((known, { notification, receivedAtMs }) => {
    const effect = applyNotification(known, notification, receivedAtMs);
    return effect.kind === 'unchanged' ? known : effect.image;
  }, image);
