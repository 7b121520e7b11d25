import { parse, toSeconds } from 'iso8601-duration';

// The library takes the first duration that it finds anywhere in a text.
const wholeText = /^P[\dYMWDTHS.,]+$/;
// Months and years have no fixed length. Counted from here they have 31 and 365 days, today and tomorrow.
const start = new Date(2001, 0, 1);

/**
 * Milliseconds of an ISO 8601 duration such as `PT10M`.
 * @returns `undefined` for text that is none, and for one of no length.
 */
export function parseDurationMs(text: string): number | undefined {
  if (!wholeText.test(text)) return undefined;
  try {
    const ms = Math.round(toSeconds(parse(text), start) * 1000);
    return ms > 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}
