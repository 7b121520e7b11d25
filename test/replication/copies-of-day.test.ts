import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAt, cellMs } from '../../src/lib/last-day.ts';
import {
  type CopiesOfDay,
  cellsOf,
  noCopies,
  sumOfCopies,
  uncountedOf,
  withCopies,
} from '../../src/replication/copies-of-day.ts';
import { anImage, aReference, at, fact } from './fixtures.ts';

/** An image whose copy to westus takes so many seconds. */
const copied = (digest: number, seconds: number) =>
  anImage({
    id: { ...anImage().id, digest: `sha256:${digest}` },
    references: [aReference({ facts: [fact('westus', seconds)] })],
  });
const cell = cellAt(at(0));
const nowMs = at(60);

describe('the copies of a day', () => {
  it('are counted in the half hour of their arrival', () => {
    const { regions } = withCopies(noCopies, [copied(1, 2), copied(2, 2), copied(3, cellMs / 1000)], nowMs);
    const cells = cellsOf(regions['westus'] ?? []);
    expect(cells.map((one) => [one.cell - cell, one.copies])).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  it.each([
    ['one sample', [10], 10, 10],
    ['the slowest of few', [1, 2, 3, 100], 2, 100],
    ['all but the slowest of many', [...Array.from({ length: 19 }, () => 5), 600], 5, 5],
    ['copies that took no time', [0, 0], 0, 0],
    ['hours', [9_000, 18_000], 9_000, 18_000],
  ])('have percentiles to within a tenth: %s', (_, seconds, p50, p95) => {
    const images = seconds.map((took, digest) => copied(digest, took));
    // The arrival does not matter here.
    const rows = (withCopies(noCopies, images, nowMs).regions['westus'] ?? []).map((number, index) =>
      index % 3 === 0 ? cell : number,
    );
    const [found] = cellsOf(rows);
    expect(found?.copies).toBe(seconds.length);
    for (const [ms, wanted] of [
      [found?.p50Ms, p50],
      [found?.p95Ms, p95],
    ] as const) {
      expect(Math.abs((ms ?? -1) - wanted * 1000)).toBeLessThanOrEqual(wanted * 100);
    }
  });

  it('counts an image once, although a review failed before its end and closes it again', () => {
    const first = withCopies(noCopies, [copied(1, 2), copied(2, 3)], nowMs);
    expect(withCopies(first, [copied(1, 2), copied(2, 3)], nowMs)).toEqual(first);
    expect(uncountedOf(first, [copied(2, 3), copied(3, 4)])).toEqual([copied(3, 4)]);
    const second = withCopies(first, [copied(2, 3), copied(3, 4)], nowMs);
    expect(cellsOf(second.regions['westus'] ?? [])).toMatchObject([{ copies: 3 }]);
    expect(uncountedOf(second, [copied(2, 3)])).toEqual([]);
  });

  it('remembers them until others are counted', () => {
    const first = withCopies(noCopies, [copied(1, 2)], nowMs);
    expect(withCopies(first, [], nowMs)).toBe(first);
  });

  it('forgets them after a day', () => {
    const { regions } = withCopies(noCopies, [copied(1, 2)], nowMs);
    expect(sumOfCopies([regions], cell + 47)).toEqual(regions);
    expect(sumOfCopies([regions], cell + 48)).toEqual({});
  });

  it('of several registries are the same in whatever order they are added up', () => {
    const rows = fc
      .array(fc.tuple(fc.integer({ min: cell, max: cell + 5 }), fc.nat(40), fc.integer({ min: 1, max: 9 })))
      .map((all) => all.flat());
    const regions = fc.dictionary(fc.constantFrom('eastus', 'westus', '__proto__'), rows);
    fc.assert(
      fc.property(regions, regions, regions, (a, b, c) => {
        const sum = (...all: CopiesOfDay['regions'][]) => sumOfCopies(all, cell + 5);
        expect(sum(b, a)).toEqual(sum(a, b));
        expect(sum(sum(a, b), c)).toEqual(sum(a, sum(c, b)));
        expect(sum(sum(a))).toEqual(sum(a));
      }),
    );
  });
});
