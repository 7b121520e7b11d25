import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  combineJournalPages,
  emptyJournalPage,
  mergeJournalPages,
  withRepair,
} from '../../src/status/journal.ts';
import { sumOfRepairs, withRepairAt } from '../../src/status/repair-counts.ts';

const repair = fc.record({
  spoke: fc.constantFrom('rg-a', 'rg-b', '__proto__', 'constructor'),
  trigger: fc.constantFrom('event' as const, 'audit' as const),
  minute: fc.integer({ min: 0, max: 1_430 }),
});
const start = Date.parse('2026-11-21T00:00:00Z');
const end = new Date(start + 1_430 * 60_000);

describe('the repairs of a spoke', () => {
  it('are counted by half hour and trigger', () => {
    let counts = withRepairAt({}, 'rg-a', 'event', 100);
    counts = withRepairAt(counts, 'rg-a', 'event', 100);
    counts = withRepairAt(counts, 'rg-a', 'audit', 101);
    expect(counts).toEqual({ 'rg-a': [100, 2, 0, 101, 0, 1] });
    expect(withRepairAt(counts, 'rg-a', 'event', 148)).toEqual({ 'rg-a': [101, 0, 1, 148, 1, 0] });
  });

  it('are the same in whatever order pages are merged, and after some of them were archived', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(repair, { maxLength: 12 }), { maxLength: 6 }),
        fc.nat(6),
        (all, archived) => {
          const pages = all.map((repairs) =>
            repairs
              .toSorted((a, b) => a.minute - b.minute)
              .reduce(
                (page, { spoke, trigger, minute }) =>
                  withRepair(page, trigger, spoke, new Date(start + minute * 60_000)),
                emptyJournalPage,
              ),
          );
          const { spokes } = mergeJournalPages(pages, end);
          const total = Object.values(spokes)
            .flatMap((rows) => rows.filter((_, index) => index % 3 !== 0))
            .reduce((sum, count) => sum + count, 0);
          expect(total).toBe(all.flat().length);
          expect(mergeJournalPages(pages.toReversed(), end).spokes).toEqual(spokes);
          const archive = combineJournalPages(pages.slice(0, archived), end);
          expect(mergeJournalPages([...pages.slice(archived), archive], end).spokes).toEqual(spokes);
        },
      ),
    );
  });

  it('leave out what is older than a day, and rows that no version has written', () => {
    expect(sumOfRepairs([{ 'rg-a': [52, 5, 0, 53, 1, 0, 60] }], 100)).toEqual({ 'rg-a': [53, 1, 0] });
  });
});
