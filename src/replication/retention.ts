import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
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
  // An image that was opened again has, or will have, another entry.
  const isOutdated = stored === undefined || stored.image.generation !== entry.generation;
  if (isOutdated || stored.image.finishedAtMs !== entry.finishedAtMs) return [entry];
  return (await forgetImage(ledger, stored, deadline)) ? [entry] : [];
}

/**
 * Removes an image from its tags, then from the ledger. A crash in between leaves an image that no tag leads to; the
 * next run removes it.
 * @returns false when the image changed at this moment, and stays.
 */
export async function forgetImage(
  { images, tags }: Ledger,
  { image, version }: StoredImage,
  deadline: Deadline,
): Promise<boolean> {
  const { registry, repository, digest } = image.id;
  for (const { tag } of image.references) {
    if (tag !== undefined) await tags.forget({ registry, repository, tag }, [digest], deadline);
  }
  try {
    await images.remove(image.id, version, deadline);
    return true;
  } catch (error) {
    if (error instanceof StateChangedError) return false;
    throw error;
  }
}
