import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/cli/output/duration.ts';

describe('a time span', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1.5m', 90_000],
    ['10 minutes', 600_000],
    ['1d', 86_400_000],
  ])('%j is read', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '600', '0s', '-5m', '25h', '10x', 'soon'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [0, '0s'],
    [59_999, '59s'],
    [60_000, '1m 00s'],
    [65_400, '1m 05s'],
    [3_599_000, '59m 59s'],
    [7_260_000, '2h 01m'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
