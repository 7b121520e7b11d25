import pLimit from 'p-limit';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { Region } from '../registries/replica.ts';
import { type ClosePorts, closeEntries, type FinishedImage, type ImageFailure } from './close-entries.ts';
import { imageKey } from './image.ts';
import { type KnownLateness, knownLateness } from './known-lateness.ts';
import type { Ledger, OpenEntry, OpenPosition } from './ledger.ts';
import { forgetFinished } from './retention.ts';
import { type EntryReviewPorts, reviewEntry } from './review-entry.ts';

export interface ImageReviewPorts extends EntryReviewPorts, ClosePorts {}

/** What a review of the open images found. */
export interface ImageReview {
  /** Images that have something open still. */
  readonly open: number;
  readonly finished: number;
  /**
   * By login server and region, the images that are late there: see `lateness.ts`. Those that this review did not come
   * to count as the last ones found them; `undefined` when that is not known.
   */
  readonly late?: ReadonlyMap<string, ReadonlyMap<Region, number>>;
  /** Likewise, those of which nobody could say whether they are there. */
  readonly uncounted?: ReadonlyMap<string, ReadonlyMap<Region, number>>;
  /** Images that could not be reviewed. */
  readonly failures: readonly ImageFailure[];
  /** False when the time was over before every open image was reviewed. */
  readonly complete: boolean;
}

/** A review starts every minute. One that takes longer leaves the rest to the next. */
const imagesMs = 40_000;
/** What the images of a page came to is stored even when their time is over. */
const closeMs = 8_000;
const retentionMs = 10_000;
/** Old images are removed in batches; some minutes more or less do not matter. */
const retentionPauseMs = 10 * 60 * 1000;

/** Makes the part of the review that deals with images: it reviews the open ones, and forgets old ones. */
export function imageReviewer(): (ports: ImageReviewPorts, log: Log) => Promise<ImageReview> {
  let forgottenAtMs = Number.NEGATIVE_INFINITY;
  let lateness: KnownLateness | undefined;

  async function forgetOld({ ledger, retentionMs: keptMs, now }: ImageReviewPorts, log: Log): Promise<void> {
    // The setting is bad, so nobody knows what is old.
    if (keptMs === Number.POSITIVE_INFINITY) return;
    const nowMs = now().getTime();
    if (nowMs - forgottenAtMs < Math.min(retentionPauseMs, keptMs)) return;
    const images = await forgetFinished(ledger, nowMs - keptMs, deadlineIn(retentionMs));
    forgottenAtMs = nowMs;
    if (images > 0) log.info('images forgotten', { images });
  }

  return async (ports, log) => {
    lateness ??= knownLateness(ports.now);
    const review = await reviewImages(ports, lateness, deadlineIn(imagesMs), log);
    logReview(review, log);
    await forgetOld(ports, log);
    return review;
  };
}

/** As many lines of a kind as a person reads. */
const maxLines = 20;

function logReview({ open, finished, late, failures, complete }: ImageReview, log: Log): void {
  for (const { image, error } of failures.slice(0, maxLines)) {
    log.error('image not reviewed', { image, reason: error.name, detail: error.message });
  }
  const lateImages = [...(late ?? [])].flatMap(([registry, regions]) =>
    [...regions].map(([region, images]) => ({ registry, region, images })),
  );
  log.info('images reviewed', { open, finished, late: lateImages, failures: failures.length, complete });
}

/** @throws {AggregateError} when an image could not be reviewed, so that the invocation counts as failed. */
export function throwImageFailures({ failures }: ImageReview): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new AggregateError(
    failures.map(({ error }) => error),
    `${failures.length} image(s) could not be reviewed, the first is ${first.image}: ${first.error.message}`,
  );
}

/** Images that are reviewed at the same time; each may ask several regions. */
const concurrency = 16;

/**
 * Reviews the images that have something open, and no others. Goes on where the last review ended, so that one that
 * takes too long does not always leave the same images to the next.
 */
export async function reviewImages(
  ports: ImageReviewPorts,
  lateness: KnownLateness,
  deadline: Deadline,
  log: Log,
): Promise<ImageReview> {
  const { open: index } = ports.ledger;
  const limit = pLimit(concurrency);
  const failures: ImageFailure[] = [];
  let open = 0;
  let finished = 0;
  let complete = true;
  // A webhook may have found the topic out of order just before, and no other review comes for a while.
  ports.outbox.resume();
  // A review that does not know begins with the first.
  const start = await index.readPosition(deadline).catch(() => undefined);
  let position = start;
  const pages = index.pages(deadline, start)[Symbol.asyncIterator]();
  for (;;) {
    const page = await nextPage(pages, deadline);
    if (page === 'over') complete = false;
    if (page === 'over' || page === 'end') break;
    const reviewed = await Promise.all(
      page.map((entry) =>
        limit(async () => ({ entry, outcome: await reviewEntry(entry, ports, deadline, log) })),
      ),
    );
    const done: FinishedImage[] = [];
    const orphans: OpenEntry[] = [];
    for (const { entry, outcome } of reviewed) {
      if (outcome.kind === 'skipped') {
        complete = false;
        continue;
      }
      if (complete) position = entry;
      if (outcome.kind === 'failed') failures.push({ image: imageKey(entry.id), error: outcome.error });
      else if (outcome.kind === 'finished') done.push({ entry, image: outcome.image });
      else if (outcome.kind === 'orphan') orphans.push(entry);
      else if (outcome.kind === 'open') open += 1;
      if (outcome.kind === 'open' || outcome.kind === 'finished') lateness.note(entry.id, outcome.lateness);
    }
    finished += done.length;
    failures.push(...(await closeEntries(ports, done, orphans, deadlineIn(closeMs))));
    if (!complete) break;
  }
  await keepPosition(ports.ledger, start, complete ? undefined : position);
  return { open, finished, ...lateness.end(complete), failures, complete };
}

/** A page that storage does not give in time ends the review, and one that it refuses fails it. */
async function nextPage(
  pages: AsyncIterator<readonly OpenEntry[]>,
  deadline: Deadline,
): Promise<readonly OpenEntry[] | 'end' | 'over'> {
  try {
    const next = await pages.next();
    return next.done === true ? 'end' : next.value;
  } catch (error) {
    if (deadline.signal.aborted) return 'over';
    throw error;
  }
}

/** Costs nothing while every review comes to all images. Without it, the next one begins where this one did. */
async function keepPosition(
  { open }: Ledger,
  before: OpenPosition | undefined,
  after: OpenPosition | undefined,
): Promise<void> {
  if (before === undefined && after === undefined) return;
  await open.writePosition(after, deadlineIn(closeMs)).catch(() => undefined);
}
