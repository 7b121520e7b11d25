import { parseStatus, type StatusDocument } from '../../status/schema.ts';
import { plainText } from '../plain-text.ts';

export type StatusAnswer = StatusDocument;

/** @returns `undefined` for what is no status document. */
export const readStatus = (body: unknown): StatusAnswer | undefined => parseStatus(withPlainTexts(body));

/** Copies a JSON value and makes each text in it safe to show on a terminal. */
export function withPlainTexts(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(withPlainTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlainTexts(item)]));
}
