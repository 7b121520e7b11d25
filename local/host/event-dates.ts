/**
 * The date of the ISO format, its fraction, and its offset. The parser behind the Functions runtime reads every JSON
 * string of this form as a time, whatever its property:
 * https://www.newtonsoft.com/json/help/html/T_Newtonsoft_Json_DateParseHandling.htm
 */
const isoDateTime = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Rewrites the texts of times in an event as the Functions runtime does on their way to a function: fractions lose
 * their trailing zeros, and a time with an offset is moved to UTC and written with `+00:00`.
 */
export function respellDates(value: unknown): unknown {
  if (typeof value === 'string') return respellDate(value);
  if (Array.isArray(value)) return value.map(respellDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, respellDates(inner)]));
}

function respellDate(text: string): string {
  const match = isoDateTime.exec(text);
  if (match === null) return text;
  const [, wholeSeconds = '', fraction = '', offset = ''] = match;
  if (Number.isNaN(Date.parse(`${wholeSeconds}Z`))) return text;
  // The runtime counts in units of 100 ns.
  const shortFraction = fraction.slice(0, 8).replace(/\.?0*$/, '');
  if (offset === '' || offset === 'Z') return `${wholeSeconds}${shortFraction}${offset}`;
  const utc = new Date(`${wholeSeconds}${offset}`);
  if (Number.isNaN(utc.getTime())) return text;
  return `${utc.toISOString().slice(0, 19)}${shortFraction}+00:00`;
}
