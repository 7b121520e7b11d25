import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../src/events/image-report.ts';

describe('an instant', () => {
  it.each([
    ['2026-11-21T16:52:01Z', '2026-11-21T16:52:01.000Z'],
    ['2026-11-21T16:52:01.3Z', '2026-11-21T16:52:01.300Z'],
    ['2026-11-21T16:52:01.3439999Z', '2026-11-21T16:52:01.343Z'],
    ['2026-11-21T16:52:01.343999999Z', '2026-11-21T16:52:01.343Z'],
    ['2026-11-21T16:52:01.34314534+01:00', '2026-11-21T15:52:01.343Z'],
    ['2026-11-21t16:52:01z', '2026-11-21T16:52:01.000Z'],
    ['2026-11-21T16:52:01', '2026-11-21T16:52:01.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseInstant(text)?.toISOString()).toBe(iso);
  });

  it('may already be a date', () => {
    const date = new Date('2026-11-21T16:52:01Z');
    expect(parseInstant(date)).toEqual(date);
  });

  it.each([
    undefined,
    null,
    '',
    7,
    '5',
    'yesterday',
    '2026-11-21',
    'Nov 21 2026',
    '2026-13-21T16:52:01Z',
    {},
  ])('%j is none', (value) => {
    expect(parseInstant(value)).toBeUndefined();
  });
});
