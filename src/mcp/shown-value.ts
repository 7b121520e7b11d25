import { visibleText } from '../lib/visible-text.ts';

/** Longer than any name or sentence of evenkeel; what Azure says in an error may go on. */
const maxLength = 1_000;

/**
 * The same value with every text as a reader can see it: what is invisible shows its number, and what is long ends
 * early. Names, tags and messages of Azure are the words of whoever may write them.
 */
export function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value);
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [shownText(key), shownValue(inner)]));
}

export function shownText(text: string): string {
  const shown = visibleText(text);
  return shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown;
}
