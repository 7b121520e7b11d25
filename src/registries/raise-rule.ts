import type { RaiseRule } from './registry.ts';

/** Reviews that are remembered of a replica, which bounds what one entity holds. */
export const maxReviews = 20;

/** What {@link parseRaiseRule} takes, for the message of a setting. */
export const raiseRuleExpected = `bad/of such as 3/5, with 1 <= bad <= of <= ${maxReviews}`;

/** Of `3/5`: three bad reviews of the last five. `undefined` for anything else. */
export function parseRaiseRule(text: string): RaiseRule | undefined {
  const [, bad, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text.trim())?.map(Number) ?? [];
  if (bad === undefined || of === undefined) return undefined;
  return bad >= 1 && bad <= of && of <= maxReviews ? { bad, of } : undefined;
}
