import { describe, expect, it } from 'vitest';
import { ageMs, formatClockTime, formatDuration, formatLocalTime } from '../../src/page/format.ts';

const now = new Date('2026-11-21T03:07:12Z');

describe('a length of time', () => {
  it.each([
    [0, 'less than 1 s'],
    [4_999, '4 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [754_000, '12 min'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [86_400_000, '1 d'],
    [187_200_000, '2 d 4 h'],
    [86_460_000, '1 d'],
  ])('of %d ms is %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

describe('a time of day', () => {
  it('is in UTC, with its date unless that is today', () => {
    expect(formatClockTime('2026-11-21T02:45:59.999Z', now)).toBe('02:45 UTC');
    expect(formatClockTime('2026-11-20T23:59:00+00:00', now)).toBe('2026-11-20 23:59 UTC');
    expect(formatClockTime('2026-11-21T01:00:00+02:00', now)).toBe('2026-11-20 23:00 UTC');
  });

  it('is shown as it is when it is no time', () => {
    expect(formatClockTime('soon', now)).toBe('soon');
    expect(ageMs('soon', now)).toBeUndefined();
  });

  it('that is still to come is now', () => {
    expect(ageMs('2026-11-21T03:07:11Z', now)).toBe(1000);
    expect(ageMs('2026-11-21T03:08:00Z', now)).toBe(0);
  });
});

describe('the same time on the wall of the reader', () => {
  it.each([
    ['2026-11-21T02:45:59Z', 'Europe/Berlin', '03:45 local'],
    ['2026-07-21T02:45:59Z', 'Europe/Berlin', '04:45 local'],
    ['2026-11-21T23:30:00Z', 'Asia/Kolkata', '2026-11-22 05:00 local'],
    ['2026-11-21T02:45:00Z', 'America/Los_Angeles', '2026-11-20 18:45 local'],
    ['2026-11-21T00:10:00Z', 'Atlantic/Reykjavik', undefined],
    ['2026-11-21T02:45:59Z', 'UTC', undefined],
    ['soon', 'Europe/Berlin', undefined],
  ])('of %s in %s is %s', (iso, timeZone, local) => {
    expect(formatLocalTime(iso, timeZone)).toBe(local);
  });
});
