import { parse, toSeconds } from 'iso8601-duration';
import { badSetting, type Environment, goodSetting, readText, type Setting } from './setting.ts';

/** One of a few words; the first is the default. */
export function oneOf<const T extends string>(
  env: Environment,
  name: string,
  values: readonly [T, ...T[]],
): Setting<T> {
  const text = readText(env, name);
  if (!text.ok) return text;
  const value = text.value === undefined ? values[0] : values.find((known) => known === text.value);
  return value === undefined ? bad(name, `one of ${values.join(', ')}`, text.value) : goodSetting(value);
}

/** `true` or `false` in any case: templates write booleans as `True` and `False`. */
export function trueOrFalse(env: Environment, name: string, unset: boolean): Setting<boolean> {
  const read = readText(env, name);
  if (!read.ok) return read;
  const text = read.value?.toLowerCase();
  if (text === undefined) return goodSetting(unset);
  if (text === 'true' || text === 'false') return goodSetting(text === 'true');
  return bad(name, 'true or false', read.value);
}

/** A whole number from `min` to `max`. */
export function wholeNumber(
  env: Environment,
  name: string,
  range: { readonly min: number; readonly max: number; readonly unset: number },
): Setting<number> {
  const read = readText(env, name);
  if (!read.ok) return read;
  const text = read.value;
  if (text === undefined) return goodSetting(range.unset);
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value >= range.min && value <= range.max) return goodSetting(value);
  return bad(name, `a whole number from ${range.min} to ${range.max}`, text);
}

/** An ISO 8601 duration, in ms. */
export const duration = (env: Environment, name: string, unset: string): Setting<number> =>
  parsed(env, name, unset, parseDurationMs, 'a positive ISO 8601 duration such as PT10M');

/** The result of `parse`; `expected` describes for the error what it accepts. */
export function parsed<T>(
  env: Environment,
  name: string,
  unset: string,
  parse: (text: string) => T | undefined,
  expected: string,
): Setting<T> {
  const read = readText(env, name);
  if (!read.ok) return read;
  const text = read.value ?? unset;
  const value = parse(text);
  return value === undefined ? bad(name, expected, text) : goodSetting(value);
}

const bad = (name: string, expected: string, text: string | undefined): Setting<never> =>
  badSetting(`${name}: expected ${expected}, found ${JSON.stringify(text)}`);

/**
 * The length of an ISO 8601 duration such as `PT10M`, in ms.
 * @returns `undefined` for any other text, and for a duration of no length.
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

/** The library accepts a text that contains a duration anywhere. */
const wholeText = /^P[\dYMWDTHS.,]+$/;
/** Months and years have no fixed length. Counted from this date, they always have 31 and 365 days. */
const start = new Date(2001, 0, 1);
