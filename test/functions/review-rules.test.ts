import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { reviewRules, usableReviewRules } from '../../src/functions/review-rules.ts';

const now = new Date('2026-11-21T08:00:00Z');
const usable = (env: Record<string, string>) => usableReviewRules(parseConfig(env), now);
const enforce = { ROUTING_MODE: 'enforce', ROUTING_CHANGES_PER_HOUR: '7' };

describe('the rules of a review', () => {
  it('are those of the settings when none is bad', async () => {
    const { rules, errors, canReview } = await usable({ ...enforce, REVIEW_SCHEDULE: '*/10 * * * * *' });
    expect(rules).toEqual(
      await reviewRules(parseConfig({ ...enforce, REVIEW_SCHEDULE: '*/10 * * * * *' }), now),
    );
    expect(rules).toMatchObject({ mode: 'enforce', changesPerHour: 7, intervalMs: 10_000 });
    expect(errors).toEqual([]);
    expect(canReview({ review: {} })).toBe(true);
  });

  it.each([
    ['ROUTING_MODE', 'x'],
    ['ROUTING_HOLD_DOWN', '10m'],
    ['ROUTING_CHANGES_PER_HOUR', '-1'],
    ['ROUTING_REENABLE', 'x'],
    ['ROUTING_CONTEST_LIMIT', '0'],
  ])('switch nothing while %s is bad, and name it', async (name, value) => {
    const { rules, errors, canReview } = await usable({ ...enforce, [name]: value });
    expect(rules.mode).toBe('flag');
    expect(canReview({ review: {} })).toBe(true);
    expect(errors.map(({ message }) => message.split(':')[0])).toEqual([name]);
  });

  it.each([
    ['REVIEW_RAISE', { clear: 5 }, { raise: { bad: 1, of: 1 } }],
    ['REVIEW_CLEAR', { raise: { bad: 1, of: 1 } }, { clear: 5 }],
  ])('leave out the registries that need %s while it is bad', async (name, without, own) => {
    const { rules, errors, canReview } = await usable({ ...enforce, [name]: 'x' });
    expect([canReview({ review: {} }), canReview({ review: without }), canReview({ review: own })]).toEqual([
      false,
      false,
      true,
    ]);
    expect(rules.mode).toBe('enforce');
    expect(errors.map(({ message }) => message.split(':')[0])).toEqual([name]);
  });

  it('do without a bad schedule, and name it nowhere: its timer does not run', async () => {
    const { rules, errors } = await usable({ ...enforce, REVIEW_SCHEDULE: 'x' });
    expect(rules).toMatchObject({ mode: 'enforce', intervalMs: 60_000 });
    expect(errors).toEqual([]);
  });
});
