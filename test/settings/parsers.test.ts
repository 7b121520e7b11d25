import { describe, expect, it } from 'vitest';
import { parseDurationMs } from '../../src/settings/parsers.ts';

describe('a duration', () => {
  it.each([
    ['PT10M', 600_000],
    ['PT1.5S', 1500],
    ['PT0,5H', 1_800_000],
    ['P30D', 2_592_000_000],
    ['P1W', 604_800_000],
    ['P1DT12H', 129_600_000],
    ['P1M', 31 * 86_400_000],
    ['P1Y', 365 * 86_400_000],
  ])('%s has %d ms, whatever the date', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each([
    '',
    'P',
    'PT',
    'PT0S',
    '-PT5M',
    'PT5',
    'pt5m',
    'in PT5M',
    'PT5M later',
    '10',
    `P${'9'.repeat(20)}D`,
  ])('%j is none', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});
