import type { Config } from '../config.ts';
import { maxReviews, type Registry } from '../registries/registry.ts';
import type { ReviewSettings } from '../routing/review-settings.ts';
import { type Setting, SettingError, settingValue } from '../settings/setting.ts';

type ReviewConfig = Pick<
  Config,
  | 'reviewSchedule'
  | 'reviewRaise'
  | 'reviewClear'
  | 'routingMode'
  | 'routingHoldDownMs'
  | 'routingChangesPerHour'
  | 'routingReenable'
  | 'routingContestLimit'
>;

/** The longest time that one run works on a registry, and that two runs may therefore overlap on a replica. */
const runMs = 40_000;

/**
 * The rules that the settings give for every review.
 * @throws {SettingError} when one of the settings is bad.
 */
export async function reviewRules(config: ReviewConfig, now: Date): Promise<ReviewSettings> {
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

/** The rules as far as the settings give them. */
interface UsableRules {
  readonly rules: ReviewSettings;
  /** Whether the rules of this registry are known. */
  readonly canReview: (registry: Pick<Registry, 'review'>) => boolean;
  /** What is wrong with the settings. The invocation fails with it once it has done what it could. */
  readonly errors: readonly SettingError[];
}

/**
 * A bad setting takes only what needs it out of a review.
 *
 * | bad                           | what goes on                                             |
 * |-------------------------------|----------------------------------------------------------|
 * | any `ROUTING_…`               | reviews as under `flag`: whatever switches needs them all |
 * | `REVIEW_RAISE`, `REVIEW_CLEAR` | reviews of registries with a rule of their own           |
 * | `REVIEW_SCHEDULE`             | everything, as if the default were set                   |
 */
export async function usableReviewRules(config: ReviewConfig, now: Date): Promise<UsableRules> {
  const errors: SettingError[] = [];
  const or = <T>(setting: Setting<T>, otherwise: T): T => {
    if (setting.ok) return setting.value;
    errors.push(setting.error);
    return otherwise;
  };
  const { scheduleIntervalMs } = await import('../settings/schedule.ts');
  let intervalMs = 60_000;
  try {
    intervalMs = scheduleIntervalMs('REVIEW_SCHEDULE', config.reviewSchedule.text, now);
  } catch (error) {
    // Its timer does not run, which the app says at start and the status tells.
    if (!(error instanceof SettingError)) throw error;
  }
  const switching = {
    holdDownMs: or(config.routingHoldDownMs, 600_000),
    changesPerHour: or(config.routingChangesPerHour, 0),
    reenable: or(config.routingReenable, false),
    contestLimit: or(config.routingContestLimit, 1),
  };
  const mode = or(config.routingMode, 'flag');
  const rules: ReviewSettings = {
    ...switching,
    mode: errors.length === 0 ? mode : 'flag',
    // Never applied, see `canReview`.
    raise: or(config.reviewRaise, { bad: maxReviews, of: maxReviews }),
    clear: or(config.reviewClear, maxReviews),
    intervalMs,
    runMs,
  };
  const { reviewRaise, reviewClear } = config;
  const canReview: UsableRules['canReview'] = ({ review }) =>
    (reviewRaise.ok || review.raise !== undefined) && (reviewClear.ok || review.clear !== undefined);
  return { rules, canReview, errors };
}
