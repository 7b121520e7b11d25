import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/cli/argument-error.ts';
import { parseDuration, parseSince } from '../../src/cli/time-arguments.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1.5m', 90_000],
    ['10 minutes', 600_000],
    ['1d', 86_400_000],
  ])('%j is read', (text, ms) => {
    expect(parseDuration('--timeout', text)).toBe(ms);
  });

  it.each(['', '600', '0s', '-5m', '25h', '10x', 'soon'])('%j is none', (text) => {
    const parse = () => parseDuration('--timeout', text);
    expect(parse).toThrow(ArgumentError);
    expect(parse).toThrow(/^--timeout: expected a duration .*, found "/);
  });
});

describe('--since', () => {
  const now = new Date('2026-11-21T08:00:00Z');

  it.each([
    ['24h', '2026-11-20T08:00:00.000Z'],
    ['7d', '2026-11-14T08:00:00.000Z'],
    ['2026-11-20T06:30:00Z', '2026-11-20T06:30:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseSince(text, now).toISOString()).toBe(expected);
  });

  it.each(['600', '', 'yesterday', '0h', '2026-13-45', '-1h'])('is not "%s"', (text) => {
    expect(() => parseSince(text, now)).toThrow(/^--since: expected a time span/);
  });
});
