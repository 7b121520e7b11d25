import { parse } from '@lukeed/ms';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Milliseconds of `90s`, `10m` or `1h`.
 * @returns `undefined` for anything else: without a unit, not above zero, or longer than a day.
 */
export function parseDuration(text: string): number | undefined {
  // The library takes a bare number for milliseconds, which nobody who writes 600 means.
  const ms = /[a-z]$/i.test(text) ? parse(text) : undefined;
  return ms !== undefined && ms > 0 && ms <= dayMs ? ms : undefined;
}

/** `34s`, `1m 05s`, `2h 00m`: exact to the second below an hour, where the library rounds to whole minutes. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** Between two times in ISO 8601, such as those of one answer: by its own clock, so that ours need not be right. */
export function formatDurationBetween(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? 'an unknown time' : formatDuration(ms);
}
