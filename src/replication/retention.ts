import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import type { Image, ImageId } from './image.ts';
import type { FinishedEntry, Ledger, StoredImage } from './ledger.ts';

/** Images that are forgotten at the same time; each takes a few calls. */
const concurrency = 8;
/** Images that one run forgets at most; the others are left to the next run. */
const maxImages = 2_000;

/**
 * Forgets images that were finished before a time, the oldest first.
 * @returns how many were forgotten.
 */
export async function forgetFinished(ledger: Ledger, beforeMs: number, deadline: Deadline): Promise<number> {
  const limit = pLimit(concurrency);
  let forgotten = 0;
  for await (const page of ledger.finished.pagesBefore(beforeMs, deadline)) {
    const done = await Promise.all(
      page.map((entry) =>
        limit(async () => (deadline.signal.aborted ? [] : await forgetEntry(ledger, entry, deadline))),
      ),
    );
    const entries = done.flat();
    await ledger.finished.remove(entries, deadline);
    forgotten += entries.length;
    if (forgotten >= maxImages || deadline.signal.aborted) break;
  }
  return forgotten;
}

/** @returns the entry when it is no longer needed. */
async function forgetEntry(
  ledger: Ledger,
  entry: FinishedEntry,
  deadline: Deadline,
): Promise<FinishedEntry[]> {
  const stored = await ledger.images.read(entry.id, deadline);
  // A run that crashed may have left the tags.
  if (stored === undefined) await forgetTags(ledger, entry.id, entry.tags ?? [], deadline);
  // An image that was opened again has, or will have, another entry.
  const isOutdated = stored === undefined || stored.image.generation !== entry.generation;
  if (isOutdated || stored.image.finishedAtMs !== entry.finishedAtMs) return [entry];
  return (await forgetImage(ledger, stored, deadline)) ? [entry] : [];
}

/**
 * Removes an image from the ledger, and then from its tags. A push that comes in between is kept: it is newer than what
 * the tags lose.
 *
 * @returns false when the image changed at this moment, and stays, with its tags.
 */
export async function forgetImage(
  ledger: Ledger,
  { image, version, notices }: StoredImage,
  deadline: Deadline,
): Promise<boolean> {
  if (notices.length > 0) return false;
  try {
    await ledger.images.remove(image.id, version, deadline);
  } catch (error) {
    if (error instanceof StateChangedError) return false;
    throw error;
  }
  await forgetTags(ledger, image.id, lastPushesOf(image), deadline);
  return true;
}

type LastPush = NonNullable<FinishedEntry['tags']>[number];

async function forgetTags(
  { tags }: Ledger,
  { registry, repository, digest }: ImageId,
  pushes: readonly LastPush[],
  deadline: Deadline,
): Promise<void> {
  for (const { tag, atMs } of pushes) {
    await tags.forget({ registry, repository, tag }, [{ digest, atMs }], deadline);
  }
}

/** The tags of an image, with the time of the last push that is known of each. */
export const lastPushesOf = ({ references }: Image): LastPush[] =>
  references.flatMap(({ tag, facts, regionlessPushAtMs }) => {
    const times = [...facts.map(({ atMs }) => atMs), regionlessPushAtMs ?? 0];
    return tag === undefined ? [] : [{ tag, atMs: Math.max(...times) }];
  });
