import { parse } from '@lukeed/ms';
import { ArgumentError } from './argument-error.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The milliseconds of a duration such as `90s`, `10m` or `1h`, of at most a day, or so many days.
 * @param option names the option in the error.
 * @throws {ArgumentError}
 */
export function parseDuration(option: string, text: string, mostDays = 1): number {
  // The library reads a bare number as milliseconds, which nobody who writes 600 means.
  const ms = /[a-z]$/i.test(text) ? parse(text) : undefined;
  if (ms !== undefined && ms > 0 && ms <= mostDays * dayMs) return ms;
  throw new ArgumentError(
    `${option}: expected a duration with a unit and of at most ${mostDays === 1 ? 'a day' : `${mostDays} days`}, such as 90s or 10m, found ${JSON.stringify(text)}`,
  );
}

/**
 * The time that `--since` names: `24h`, `7d` or `2026-11-21T08:00:00Z`.
 * @throws {ArgumentError}
 */
export function parseSince(text: string, now: Date): Date {
  const ms = /^\d[\d.]*\s*[a-z]+$/i.test(text) ? parse(text) : undefined;
  if (ms !== undefined && ms > 0) return new Date(now.getTime() - ms);
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new ArgumentError(
    `--since: expected a time span such as 24h or 7d, or a time such as 2026-11-21T08:00:00Z, found ${JSON.stringify(text)}`,
  );
}
