import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAt, cellMs, cellsOfDay, joinStrips, marksUntil, type Strip } from '../../src/lib/last-day.ts';

const max = (a: string, b: string): string => (a > b ? a : b);
const strip: fc.Arbitrary<Strip> = fc.record({
  last: fc.integer({ min: 100, max: 220 }),
  marks: fc
    .array(fc.constantFrom('.', '.', '1', '2', '3'), { maxLength: cellsOfDay })
    .map((marks) => marks.join('')),
});
const said = (one: Strip) => marksUntil(one, 220);

describe('a strip of the last day', () => {
  it.each([
    [
      'a later mark moves it on',
      { last: 10, marks: '1' },
      { last: 12, marks: '2' },
      { last: 12, marks: '1.2' },
    ],
    [
      'the same cell is joined',
      { last: 10, marks: '12' },
      { last: 10, marks: '1' },
      { last: 10, marks: '12' },
    ],
    [
      'an earlier mark fills its cell',
      { last: 10, marks: '1' },
      { last: 8, marks: '2' },
      { last: 10, marks: '2.1' },
    ],
    [
      'a day later the old ones are gone',
      { last: 10, marks: '1' },
      { last: 58, marks: '2' },
      { last: 58, marks: '2' },
    ],
    [
      'a mark of the day before is too late',
      { last: 58, marks: '2' },
      { last: 10, marks: '1' },
      { last: 58, marks: '2' },
    ],
  ])('%s', (_, before, added, after) => {
    expect(joinStrips(before, added, max)).toEqual(after);
  });

  it('begins with the first mark', () => {
    expect(joinStrips(undefined, { last: 10, marks: '1' }, max)).toEqual({ last: 10, marks: '1' });
  });

  it.each([
    ['now', { last: 10, marks: '12' }, 10, '12'],
    ['later, with empty cells at its end', { last: 10, marks: '12' }, 12, '12..'],
    ['earlier, without what came after', { last: 10, marks: '12' }, 9, '1'],
    ['a day later', { last: 10, marks: '12' }, 58, ''],
    ['long after', { last: 10, marks: '12' }, 1_000_000, ''],
  ])('is shown %s', (_, before, cell, shown) => {
    expect(marksUntil(before, cell)).toBe(shown.padStart(cellsOfDay, '.'));
  });

  it('is cut at the half hours of UTC', () => {
    const at = Date.parse('2026-11-21T03:30:00.000Z');
    expect(cellAt(at)).toBe(cellAt(at + cellMs - 1));
    expect(cellAt(at - 1)).toBe(cellAt(at) - 1);
  });

  it('is the same whoever adds to it first, and how often', () => {
    fc.assert(
      fc.property(strip, strip, strip, (a, b, c) => {
        const join = (one: Strip, other: Strip) => joinStrips(one, other, max);
        expect(said(join(a, b))).toBe(said(join(b, a)));
        expect(said(join(a, a))).toBe(said(a));
        expect(said(join(join(a, b), b))).toBe(said(join(a, b)));
        expect(said(join(join(a, b), c))).toBe(said(join(a, join(b, c))));
      }),
    );
  });
});
