import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { expectedRegions } from './expected-regions.ts';
import type { Image } from './image.ts';
import { type Lateness, latenessOf } from './lateness.ts';
import type { OpenEntry, StoredImage } from './ledger.ts';
import type { ImagePorts } from './ports.ts';
import type { Recorder } from './record.ts';
import { forgetImage } from './retention.ts';
import { reviewImage } from './review-image.ts';
import { propagateTagReverts } from './tag-reverts.ts';

export interface EntryReviewPorts extends ImagePorts {
  /** How long images are kept; one that is never complete is given up after this time too. */
  readonly retentionMs: number;
  /** Takes in the notifications that are stored beside an image. */
  readonly takeIn: Recorder['takeIn'];
}

/** What became of an entry of the index of open images. */
type EntryOutcome =
  /** Its image has something open still. */
  | { readonly kind: 'open'; readonly lateness: Lateness }
  | { readonly kind: 'finished'; readonly image: Image; readonly lateness: Lateness }
  /** No image needs it. */
  | { readonly kind: 'orphan' }
  /** Its image may be about to be written, or was changed at this moment. */
  | { readonly kind: 'fresh' }
  /** The time was over. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * An entry comes before its image, so one without an image may belong to an invocation that is under way; none lives
 * as long as this.
 */
const orphanMs = 15 * 60 * 1000;

/** Reviews the image of an entry of the index of open images. Never throws. */
export async function reviewEntry(
  entry: OpenEntry,
  ports: EntryReviewPorts,
  deadline: Deadline,
  log: Log,
): Promise<EntryOutcome> {
  const { ledger, retentionMs, takeIn, now } = ports;
  if (deadline.signal.aborted) return { kind: 'skipped' };
  try {
    const found = await ledger.images.read(entry.id, deadline);
    const stored = found && found.notices.length > 0 ? await takeIn(entry.id, deadline) : found;
    const isOld = now().getTime() - entry.addedAtMs > orphanMs;
    const isAhead = stored === undefined || stored.image.generation < entry.generation;
    if (isAhead) return { kind: isOld ? 'orphan' : 'fresh' };
    if (stored.image.generation > entry.generation) return { kind: 'orphan' };
    if (now().getTime() - lastSeenMs(stored.image) > retentionMs) {
      return { kind: (await forgetImage(ledger, stored, deadline)) ? 'orphan' : 'fresh' };
    }
    const { image } = await reviewStored(stored, ports, deadline, log);
    const lateness = await findLateness(image, ports, deadline);
    if (image.finishedAtMs === undefined) return { kind: 'open', lateness };
    await propagateTagReverts(image, ports, deadline);
    return { kind: 'finished', image, lateness };
  } catch (error) {
    if (deadline.signal.aborted) return { kind: 'skipped' };
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** When evenkeel first heard of the newest thing that the image waits for. */
const lastSeenMs = ({ firstSeenMs, references }: Image): number =>
  Math.max(firstSeenMs, ...references.map((reference) => reference.firstSeenMs));

/** @returns the image as it is stored after the review. */
async function reviewStored(
  stored: StoredImage,
  ports: ImagePorts,
  deadline: Deadline,
  log: Log,
): Promise<StoredImage> {
  const { ledger, store, directory, outbox, changes, findRegistry } = ports;
  const registry = await findRegistry(stored.image.id.registry, deadline);
  // Verdicts of a registry that is no longer configured are still published, but its images are not reviewed.
  if (registry === undefined) return outbox.flush(stored, deadline, log);
  const view = await directory.view(registry, deadline);
  const reviewed = outbox.keep(await reviewImage(stored.image, registry, view, ports, deadline));
  let written = stored;
  if (!isSame(reviewed, stored.image)) {
    try {
      written = await store.write(stored, reviewed, deadline);
      changes.notify(reviewed.id);
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      // A notification came in between; the next review goes by what it reported.
      return (await ledger.images.read(stored.image.id, deadline)) ?? stored;
    }
  }
  return outbox.flush(written, deadline, log);
}

const isSame = (a: Image, b: Image): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

async function findLateness(
  image: Image,
  { directory, findRegistry, now }: ImagePorts,
  deadline: Deadline,
): Promise<Lateness> {
  const registry = await findRegistry(image.id.registry, deadline);
  if (registry === undefined || image.expected === undefined) return { late: [], uncounted: [] };
  const view = await directory.view(registry, deadline);
  return latenessOf(image, expectedRegions(registry, view), registry.replicationSloMs, now().getTime());
}
