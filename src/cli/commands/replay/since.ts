import { parse } from '@lukeed/ms';
import { ArgumentError } from '../../argument-error.ts';

/**
 * The time that `24h`, `7d` or `2026-11-21T08:00:00Z` means.
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
