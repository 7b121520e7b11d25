import { describe, expect, it } from 'vitest';
import { respellDates } from '../../../local/host/event-dates.ts';

describe('respellDates', () => {
  it.each([
    ['2026-11-21T10:00:00.000Z', '2026-11-21T10:00:00Z'],
    ['2026-11-21T10:00:00.120Z', '2026-11-21T10:00:00.12Z'],
    ['2026-11-21T10:00:00.6117357Z', '2026-11-21T10:00:00.6117357Z'],
    ['2026-11-21T10:00:00.123456789Z', '2026-11-21T10:00:00.1234567Z'],
    ['2026-11-21T01:00:00+01:00', '2026-11-21T00:00:00+00:00'],
    ['2026-11-20T23:30:00.50-01:00', '2026-11-21T00:30:00.5+00:00'],
    ['2026-11-21T10:00:00.10', '2026-11-21T10:00:00.1'],
  ])('writes %s as %s', (text, expected) => {
    expect(respellDates({ list: [{ text }] })).toEqual({ list: [{ text: expected }] });
  });

  it.each(['2026-11-21', '2026-13-41T10:00:00Z', 'at 2026-11-21T10:00:00.000Z', '10:00:00', ''])(
    'leaves "%s" as it is',
    (text) => {
      expect(respellDates([text])).toEqual([text]);
    },
  );

  it('leaves keys, numbers, booleans and null as they are', () => {
    const event = { '2026-11-21T10:00:00.000Z': [1.5, true, null, {}] };
    expect(respellDates(event)).toEqual(event);
  });
});
