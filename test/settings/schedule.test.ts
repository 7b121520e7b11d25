import { describe, expect, it } from 'vitest';
import { nextRun, scheduleIntervalMs } from '../../src/settings/schedule.ts';

const now = new Date('2026-11-21T08:00:00.500Z');

describe('scheduleIntervalMs', () => {
  it.each([
    ['0 */1 * * * *', 60_000],
    ['*/1 * * * * *', 1_000],
    ['0 */15 * * * *', 900_000],
    ['0 0,10 * * * *', 600_000],
    ['00:00:30', 30_000],
    ['1.00:00:00', 86_400_000],
    // There is no such day.
    ['0 0 0 30 2 *', 0],
  ])('reads %s as runs that are at least %i ms apart', (schedule, ms) => {
    expect(scheduleIntervalMs('REVIEW_SCHEDULE', schedule, now)).toBe(ms);
  });

  it.each(['whenever', '00:00:00'])('rejects %s, which is no schedule', (text) => {
    expect(() => scheduleIntervalMs('REVIEW_SCHEDULE', text, now)).toThrow(
      `REVIEW_SCHEDULE: expected six fields such as "0 */1 * * * *", found "${text}"`,
    );
  });
});

describe('nextRun', () => {
  it.each([
    ['0 */15 * * * *', '2026-11-21T08:15:00.000Z'],
    ['00:00:30', '2026-11-21T08:00:30.500Z'],
    // There is no such day.
    ['0 0 0 30 2 *', undefined],
    ['whenever', undefined],
  ])('takes %s to run next at %s', (schedule, at) => {
    expect(nextRun(schedule, now)?.toISOString()).toBe(at);
  });
});
