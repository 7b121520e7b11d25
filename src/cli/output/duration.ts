/** `34s`, `1m 05s`, `2h 00m`: exact to the second below an hour. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** The time between two ISO 8601 times of one answer. Both are from the app's clock, so ours need not be right. */
export function formatDurationBetween(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? 'an unknown time' : formatDuration(ms);
}

/** `14:03 UTC`. */
export const clockTime = (time: Date): string => `${time.toISOString().slice(11, 16)} UTC`;
