export const formatNumber = (number: number): string => number.toLocaleString('en');

/** `1 spoke`, `2 spokes`, `12,000 spokes`. */
export const pluralize = (number: number, one: string, many = `${one}s`): string =>
  `${formatNumber(number)} ${number === 1 ? one : many}`;

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
];

/** Formats a duration in at most two units: `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const index = units.findIndex((unit) => ms >= unit.ms);
  const [unit, next] = index < 0 ? [] : units.slice(index, index + 2);
  if (unit === undefined) return 'less than 1 s';
  const whole = Math.floor(ms / unit.ms);
  const rest = next === undefined ? 0 : Math.floor((ms - whole * unit.ms) / next.ms);
  // Seconds beside minutes change all the time and are of no use to anybody.
  const withRest = next !== undefined && next.name !== 's' && rest > 0;
  return withRest ? `${whole} ${unit.name} ${rest} ${next.name}` : `${whole} ${unit.name}`;
}

/** Formats a time in UTC, as logs do, with its date unless that is today: `14:03 UTC`, `2026-11-20 14:03 UTC`. */
export function formatClockTime(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const [date = '', clock = ''] = time.toISOString().split('T');
  const isToday = now.toISOString().startsWith(date);
  return `${isToday ? '' : `${date} `}${clock.slice(0, 5)} UTC`;
}

/**
 * The same time by the clock on the reader's wall, with its date unless that is the one in UTC: `15:03 local`.
 * @param timeZone such as `Europe/Berlin`.
 * @returns `undefined` where both clocks show the same, and for a text that is no time.
 */
export function formatLocalTime(iso: string, timeZone: string): string | undefined {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return undefined;
  const shown = (zone: string, parts: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-CA', { ...parts, timeZone: zone, hourCycle: 'h23' }).format(time);
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const [own, ownDate] = [shown(timeZone, clock), shown(timeZone, date)];
  if (ownDate !== shown('UTC', date)) return `${ownDate} ${own} local`;
  return own === shown('UTC', clock) ? undefined : `${own} local`;
}

/** @returns `undefined` for a text that is no time, and 0 for a time to come, because clocks differ. */
export function ageMs(iso: string, now: Date): number | undefined {
  const ms = now.getTime() - Date.parse(iso);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
