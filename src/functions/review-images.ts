import { deadlineIn } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import { forgetFinished } from '../replication/retention.ts';
import { type ImageReview, type ImageReviewPorts, reviewImages } from '../replication/review.ts';

/** A review comes every minute; one that takes longer leaves the rest to the next. */
const imagesMs = 40_000;
const retentionMs = 10_000;
/** Old images leave in batches, and some minutes more or less are no matter. */
const retentionPauseMs = 10 * 60 * 1000;

/** As many lines of a kind as a person reads. */
const maxLines = 20;

/** The part of the review that looks after images. */
export function imageReviewer(): (ports: ImageReviewPorts, log: Log) => Promise<ImageReview> {
  let forgottenAtMs = Number.NEGATIVE_INFINITY;

  async function forget({ ledger, retentionMs: keptMs, now }: ImageReviewPorts, log: Log): Promise<void> {
    const nowMs = now().getTime();
    if (nowMs - forgottenAtMs < Math.min(retentionPauseMs, keptMs)) return;
    const images = await forgetFinished(ledger, nowMs - keptMs, deadlineIn(retentionMs));
    forgottenAtMs = nowMs;
    if (images > 0) log.info('images forgotten', { images });
  }

  return async (ports, log) => {
    const review = await reviewImages(ports, deadlineIn(imagesMs), log);
    tell(review, log);
    await forget(ports, log);
    return review;
  };
}

function tell({ open, finished, late, failures, complete }: ImageReview, log: Log): void {
  for (const { image, error } of failures.slice(0, maxLines)) {
    log.error('image not reviewed', { image, reason: error.name, detail: error.message });
  }
  const lateImages = [...late].flatMap(([registry, regions]) =>
    [...regions].map(([region, images]) => ({ registry, region, images })),
  );
  log.info('images reviewed', { open, finished, late: lateImages, failures: failures.length, complete });
}

/** The world is not as it should be when an image could not be looked at. */
export function throwImageFailures({ failures }: ImageReview): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new AggregateError(
    failures.map(({ error }) => error),
    `${failures.length} image(s) could not be reviewed, the first is ${first.image}: ${first.error.message}`,
  );
}
