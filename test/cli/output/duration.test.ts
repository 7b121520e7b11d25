import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../../src/cli/output/duration.ts';

describe('a duration', () => {
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
