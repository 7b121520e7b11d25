import type { TimerHandler } from '@azure/functions';
import type { Config } from '../config.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import {
  type ImageReview,
  type ImageReviewPorts,
  imageReviewer,
  throwImageFailures,
} from '../replication/review.ts';
import type { ReviewPorts } from '../routing/ports.ts';
import { logReview } from '../routing/report.ts';
import { reviewRegistries, throwFailures } from '../routing/review-registries.ts';
import { type Setting, SettingError, settingValue } from '../settings/setting.ts';
import { measureReview } from '../telemetry/metrics.ts';
import { usableReviewRules } from './review-rules.ts';

interface ReviewReplicasPorts {
  readonly images: ImageReviewPorts;
  readonly replicas: ReviewPorts;
}

/**
 * Reviews the images, for what no notification shows: stalled replications, signals that a crash left unpublished and
 * images past their retention. Then reviews every replica. A failure of one part does not stop the other, and a bad
 * setting fails the invocation only after everything that can do without it.
 */
export function reviewReplicas(config: Config, loadPorts: () => Promise<ReviewReplicasPorts>): TimerHandler {
  const reviewImages = imageReviewer();
  return async (_timer, context) => {
    const log = lineLog(context);
    const startedAtMs = performance.now();
    try {
      const registries = settingValue(config.registries);
      for (const problem of registries.problems) log.error('registry not reviewed', { reason: problem });
      if (registries.all.length === 0) return;
      const { images, replicas } = await loadPorts();
      const { rules, canReview, errors } = await usableReviewRules(config, replicas.clock.now());
      await lookAtReplicas(registries.all, images.directory, rules.intervalMs, log);
      const [imageReview] = await Promise.allSettled([reviewImages(images, log)]);
      const late = imageReview.status === 'fulfilled' ? imageReview.value : undefined;
      const lateImages = lateBy(late, log);
      const reviewable = registries.all.filter(canReview);
      const outcomes = await reviewRegistries({ registries: reviewable, lateImages, rules }, replicas);
      for (const outcome of outcomes) logReview(outcome, log);
      measureReview(performance.now() - startedAtMs);
      if (imageReview.status === 'rejected') throw imageReview.reason;
      throwImageFailures(imageReview.value);
      throwFailures(outcomes);
      throwSettingErrors([config.ledgerRetentionMs, ...errors]);
    } catch (error) {
      logFailure('review', error, {}, log);
      throw error;
    }
  };
}

const lookMs = 10_000;
/** Two looks this far apart always confirm that a replica is gone. */
const longestGapMs = 10 * 60_000;

/** Has the directory remember the replicas of each registry. A look that fails shows nothing; the next one comes soon. */
async function lookAtReplicas(
  registries: readonly Registry[],
  directory: ReplicaDirectory,
  intervalMs: number,
  log: Log,
): Promise<void> {
  const gapMs = Math.min(intervalMs / 2, longestGapMs);
  const deadline = deadlineIn(lookMs);
  const look = async (registry: Registry): Promise<void> => {
    try {
      await directory.look(registry, gapMs, deadline);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('replicas not looked for', { registry: registry.name, reason });
    }
  };
  await Promise.all(registries.map(look));
}

/** @throws {SettingError} one that names everything that is wrong. */
function throwSettingErrors(found: readonly (Setting<unknown> | SettingError)[]): void {
  const errors = found.flatMap((one) => (one instanceof SettingError ? one : one.ok ? [] : one.error));
  if (errors.length > 0) throw new SettingError(errors.map(({ message }) => message).join('; '));
}

/** The late images of each login server and region, when the reviews have seen every image. */
function lateBy(
  review: ImageReview | undefined,
  log: Log,
): Required<Pick<ImageReview, 'late' | 'uncounted'>> | undefined {
  const { late, uncounted } = review ?? {};
  if (late !== undefined && uncounted !== undefined) return { late, uncounted };
  const reason = review === undefined ? 'imagesNotReviewed' : 'reviewIncomplete';
  log.warn('late images unknown', { reason });
  return undefined;
}
