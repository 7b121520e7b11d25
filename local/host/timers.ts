import { Cron } from 'croner';
import * as v from 'valibot';
import type { RegisteredFunction } from './function-app.ts';
import { describeError, type HostLog } from './host-log.ts';
import type { Firing, Invoker } from './invoker.ts';
import { resolveReferences } from './settings.ts';

const timerTrigger = v.object({ schedule: v.string(), runOnStartup: v.optional(v.boolean(), false) });

interface TimerOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly invoker: Pick<Invoker, 'fire'>;
  readonly log: HostLog;
  readonly now: () => Date;
  readonly env: NodeJS.ProcessEnv;
}

export interface Timers {
  /** Stops the timers; functions that run go on. */
  stop(): void;
}

class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export const isTimerFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'timertrigger';

/**
 * Fires each timer function on its schedule, in UTC. A timer whose run is not over misses its turn.
 *
 * A function whose schedule cannot be read is left out, with a line in the log.
 */
export function startTimers(options: TimerOptions): Timers {
  const jobs = options.functions.filter(isTimerFunction).flatMap((target) => {
    try {
      return [startTimer(target, options)];
    } catch (error) {
      options.log.write('error', `The function '${target.name}' has no timer: ${describeError(error)}`);
      return [];
    }
  });
  return {
    stop() {
      for (const job of jobs) job.stop();
    },
  };
}

/** Whether the schedule of a timer function can be read. The runtime runs no other, not even by hand. */
export function hasSchedule(target: RegisteredFunction, env: NodeJS.ProcessEnv, now: () => Date): boolean {
  try {
    readTimer(target, env, now).job.stop();
    return true;
  } catch {
    return false;
  }
}

/** What fires a function. */
type Job = Pick<Cron, 'stop'> & {
  /** The first turn after a time, by default the present; null when there is none. */
  nextRun(after?: Date): Date | null;
  schedule(run: () => Promise<void>): unknown;
};

/** @throws {ScheduleError} or another error where the schedule cannot be read. */
function readTimer(
  target: RegisteredFunction,
  env: NodeJS.ProcessEnv,
  now: () => Date,
): { readonly job: Job; readonly runOnStartup: boolean } {
  const { schedule, runOnStartup } = v.parse(timerTrigger, target.trigger);
  const pattern = resolveReferences(schedule, env);
  return { job: readPause(pattern, now) ?? readSchedule(pattern), runOnStartup };
}

function startTimer(target: RegisteredFunction, { invoker, now, env }: TimerOptions): Job {
  const { job, runOnStartup } = readTimer(target, env, now);
  let isRunning = false;
  let last: Date | undefined;
  const run = async (isPastDue: boolean) => {
    if (isRunning) return;
    isRunning = true;
    try {
      await invoker.fire(target, timerFiring(now(), { isPastDue, last, next: job.nextRun() ?? undefined }));
    } finally {
      isRunning = false;
      last = now();
    }
  };
  let due = job.nextRun();
  // For a date that no year has, looking again takes as long as the first time.
  if (due !== null)
    job.schedule(async () => {
      // The runtime calls a run past due when a whole occurrence was missed, for example while the machine slept.
      const following = due === null ? null : job.nextRun(due);
      due = job.nextRun();
      await run(following !== null && following.getTime() <= now().getTime());
    });
  if (runOnStartup) void run(false);
  return job;
}

/**
 * The time between two turns, as `hh:mm:ss`, with days before it or without. In Azure it needs an App Service plan.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#timespan
 * @returns `undefined` for any other schedule.
 */
function readPause(pattern: string, now: () => Date): Job | undefined {
  const [, days = 0, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+)$/.exec(pattern.trim()) ?? [];
  if (hours === undefined) return undefined;
  const pauseMs =
    (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (pauseMs === 0) throw new ScheduleError(`"${pattern}" is no time between two runs`);
  let timer: NodeJS.Timeout | undefined;
  return {
    nextRun: (after = now()) => new Date(after.getTime() + pauseMs),
    schedule: (run) => {
      timer = setInterval(() => void run(), pauseMs);
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * NCRONTAB: six fields that start with the seconds, or five; day of month and day of week must both match.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
function readSchedule(pattern: string): Cron {
  // Croner knows more than NCRONTAB does (L, W, #, ?, @daily), which would pass here and fail in Azure.
  if (/[#?+@]|(?<![a-z])[a-z]{1,2}(?![a-z])/i.test(pattern)) {
    throw new ScheduleError(`"${pattern}" is no NCRONTAB expression`);
  }
  try {
    // UTC by its offset: by its name, croner would format dates with `Intl`, which takes 15 ms to load.
    return new Cron(pattern, { utcOffset: 0, mode: '5-or-6-parts', sloppyRanges: true, domAndDow: true });
  } catch (cause) {
    throw new ScheduleError(`"${pattern}" is no NCRONTAB expression`, { cause });
  }
}

interface TimerStatus {
  readonly isPastDue: boolean;
  readonly last?: Date | undefined;
  readonly next?: Date | undefined;
}

export const timerFiring = (now: Date, { isPastDue, last = now, next = now }: TimerStatus): Firing => ({
  reason: `Timer fired at ${now.toISOString()}`,
  input: {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: { Last: last, Next: next, LastUpdated: last },
      IsPastDue: isPastDue,
    }),
  },
});
