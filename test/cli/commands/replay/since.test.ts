import { describe, expect, it } from 'vitest';
import { parseSince } from '../../../../src/cli/commands/replay/since.ts';

const now = new Date('2026-11-21T08:00:00Z');

describe('--since', () => {
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
