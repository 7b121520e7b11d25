import { Cron } from 'croner';
import QuickLRU from 'quick-lru';
import { unresolvedReference } from './key-vault-reference.ts';
import { SettingError } from './setting.ts';

/**
 * The shortest time in ms between two of the next runs of a schedule; 0 when it never runs.
 *
 * @param setting the name of the setting, for the error.
 * @param schedule six fields, or the time between two runs as `hh:mm:ss`.
 *   https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 * @throws {SettingError} when the text is no schedule.
 */
export function scheduleIntervalMs(setting: string, schedule: string, now: Date): number {
  const pauseMs = pauseOf(schedule);
  if (pauseMs !== undefined) return pauseMs;
  const runs = nextRuns(setting, schedule, now);
  const gaps = runs.slice(1).map((run, index) => run.getTime() - (runs[index]?.getTime() ?? 0));
  return gaps.length === 0 ? 0 : Math.min(...gaps);
}

/** The runs that come next, at most so many. They are the same until the first of them, and take ms to find. */
function nextRuns(setting: string, schedule: string, now: Date): readonly Date[] {
  const known = knownRuns.get(schedule);
  if (known !== undefined && known.after <= now && now < (known.runs[0] ?? endOfTime)) return known.runs;
  const runs = cronOf(setting, schedule).nextRuns(consideredRuns, now);
  knownRuns.set(schedule, { after: now, runs });
  return runs;
}

/** By schedule: an app has two. */
const knownRuns = new QuickLRU<string, { readonly after: Date; readonly runs: readonly Date[] }>({
  maxSize: 8,
});
const endOfTime = new Date(8.64e15);

/**
 * @param setting the name of the setting, for the error.
 * @returns the error of a text that is no schedule; `undefined` for a schedule.
 */
export function scheduleError(setting: string, schedule: string): SettingError | undefined {
  if (pauseOf(schedule) !== undefined) return undefined;
  try {
    cronOf(setting, schedule);
    return undefined;
  } catch (error) {
    if (error instanceof SettingError) return error;
    throw error;
  }
}

/** A schedule may be dense at some hours of the day only, so many runs are compared. */
const consideredRuns = 60;

/**
 * The latest time at which a schedule runs next. Where it says the time between two runs, that is counted from `after`,
 * since the time of the last run is not known.
 * @returns `undefined` when it never runs or is no schedule.
 */
export function nextRun(schedule: string, after: Date): Date | undefined {
  const pauseMs = pauseOf(schedule);
  if (pauseMs !== undefined) return new Date(after.getTime() + pauseMs);
  try {
    return nextRuns('', schedule, after)[0];
  } catch {
    return undefined;
  }
}

/** The time between two runs in ms, of a schedule that says it as `hh:mm:ss`. */
function pauseOf(schedule: string): number | undefined {
  const [, days = '0', hours, minutes, seconds] =
    /^(?:(\d+)\.)?(\d+):(\d+):(\d+)$/.exec(schedule.trim()) ?? [];
  if (hours === undefined) return undefined;
  const ms = ((Number(days) * 24 + Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  // Without a pause there is no schedule.
  return ms === 0 ? undefined : ms;
}

function cronOf(setting: string, schedule: string): Cron {
  try {
    // UTC by its offset: by its name, croner would format dates with `Intl`, which takes 15 ms to load.
    return new Cron(schedule, { mode: '6-part', utcOffset: 0 });
  } catch (cause) {
    const problem = `${setting}: expected six fields such as "0 */1 * * * *", found ${JSON.stringify(schedule)}`;
    throw new SettingError(unresolvedReference(setting, schedule) ?? problem, { cause });
  }
}
