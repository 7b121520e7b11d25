const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
];

/** A length of time as people say it, in two units at most: `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const index = units.findIndex((unit) => ms >= unit.ms);
  const [unit, next] = index < 0 ? [] : units.slice(index, index + 2);
  if (unit === undefined) return 'less than 1 s';
  const whole = Math.floor(ms / unit.ms);
  const rest = next === undefined ? 0 : Math.floor((ms - whole * unit.ms) / next.ms);
  // Seconds beside minutes change all the time and tell nobody anything.
  const withRest = next !== undefined && next.name !== 's' && rest > 0;
  return withRest ? `${whole} ${unit.name} ${rest} ${next.name}` : `${whole} ${unit.name}`;
}

/** A time of day in UTC, as logs have it, with the date unless it is today: `14:03 UTC`, `2026-11-20 14:03 UTC`. */
export function formatClockTime(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const [date = '', clock = ''] = time.toISOString().split('T');
  const isToday = now.toISOString().startsWith(date);
  return `${isToday ? '' : `${date} `}${clock.slice(0, 5)} UTC`;
}

/** @returns `undefined` for a text that is no time. A time that is still to come is now: clocks differ. */
export function ageMs(iso: string, now: Date): number | undefined {
  const ms = now.getTime() - Date.parse(iso);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
