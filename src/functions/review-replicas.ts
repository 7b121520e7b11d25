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
import type { ReviewSettings } from '../routing/review-settings.ts';
import { settingValue } from '../settings/setting.ts';
import { measureReview } from '../telemetry/metrics.ts';

interface ReviewReplicasPorts {
  readonly images: ImageReviewPorts;
  readonly replicas: ReviewPorts;
}

/**
 * Reviews the images, for what no notification shows: stalled replications, signals that a crash left unpublished and
 * images past their retention. Then reviews every replica. A failure of one part does not stop the other.
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
      const rules = await reviewRules(config, replicas.clock.now());
      await lookAtReplicas(registries.all, images.directory, rules.intervalMs, log);
      const [imageReview] = await Promise.allSettled([reviewImages(images, log)]);
      const late = imageReview.status === 'fulfilled' ? imageReview.value : undefined;
      const lateImages = lateBy(late, log);
      const outcomes = await reviewRegistries({ registries: registries.all, lateImages, rules }, replicas);
      for (const outcome of outcomes) logReview(outcome, log);
      measureReview(performance.now() - startedAtMs);
      if (imageReview.status === 'rejected') throw imageReview.reason;
      throwImageFailures(imageReview.value);
      throwFailures(outcomes);
    } catch (error) {
      logFailure('review', error, {}, log);
      throw error;
    }
  };
}

/** The longest time that one run works on a registry, and that two runs may therefore overlap on a replica. */
const runMs = 40_000;

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

/** The rules that the settings give for every review. */
export async function reviewRules(config: Config, now: Date): Promise<ReviewSettings> {
  const { scheduleIntervalMs } = await import('../settings/schedule.ts');
  return {
    raise: settingValue(config.reviewRaise),
    clear: settingValue(config.reviewClear),
    intervalMs: scheduleIntervalMs('REVIEW_SCHEDULE', config.reviewSchedule.text, now),
    mode: settingValue(config.routingMode),
    holdDownMs: settingValue(config.routingHoldDownMs),
    changesPerHour: settingValue(config.routingChangesPerHour),
    reenable: settingValue(config.routingReenable),
    contestLimit: settingValue(config.routingContestLimit),
    runMs,
  };
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
