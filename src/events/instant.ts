const instantPattern = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/i;

/**
 * The time of an ISO 8601 text, or of a date that the host made of one. Registries write 7 to 9 fraction digits, and
 * ECMAScript defines what a date makes of three only (https://tc39.es/ecma262/#sec-date-time-string-format), so the
 * others are cut off. A time without a zone is UTC.
 * @returns `undefined` for anything else.
 */
export function parseInstant(value: unknown): Date | undefined {
  const date = value instanceof Date ? value : parseText(value);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function parseText(value: unknown): Date | undefined {
  const [, day, time, fraction = '', zone = 'Z'] = instantPattern.exec(String(value)) ?? [];
  if (day === undefined || time === undefined) return undefined;
  return new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone.toUpperCase()}`);
}
