const hourMs = 60 * 60 * 1000;

/** The changes that count for the budget. */
export const inLastHour = (times: readonly string[], now: Date): string[] =>
  times.filter((time) => now.getTime() - Date.parse(time) < hourMs);

/** Gives back a change that never happened. */
export function without(times: readonly string[], given: string): string[] {
  const index = times.indexOf(given);
  return index < 0 ? [...times] : times.toSpliced(index, 1);
}
