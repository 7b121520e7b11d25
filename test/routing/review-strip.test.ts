import { describe, expect, it } from 'vitest';
import { joinReviewMarks, markOf } from '../../src/routing/review-strip.ts';

const verdict = (flagged: boolean) => ({ flagged, since: '', reviews: [], kinds: [], flag: '' });

describe('what a review leaves in the strip of a replica', () => {
  it.each([
    ['good', false, 'enabled', false, '1'],
    ['bad', false, 'enabled', false, '2'],
    ['inconclusive', false, 'unread', false, '4'],
    ['bad', true, 'enabled', false, 'a'],
    ['good', true, 'disabled', false, 'p'],
    // All endpoints at once: our own view is suspect.
    ['bad', false, 'enabled', true, '4'],
  ] as const)('%s, flagged %s, routing %s, common cause %s: %s', (health, flagged, routing, common, mark) => {
    expect(markOf({ health, verdict: verdict(flagged), routing }, common)).toBe(mark);
  });

  it.each([
    ['1', '2', '3'],
    ['1', '1', '1'],
    ['p', 'a', 'r'],
    ['1', 'ü', '1'],
  ])('%s and %s come to %s, in either order', (a, b, both) => {
    expect(joinReviewMarks(a, b)).toBe(both);
    expect(joinReviewMarks(b, a)).toBe(both);
  });
});
