import { describe, expect, it } from 'vitest';
import { cellAt } from '../../src/lib/last-day.ts';
import {
  emptyJournalPage,
  mergeJournalPages,
  parseJournalPage,
  withReconciled,
  withRepair,
} from '../../src/status/journal.ts';

const now = new Date('2026-11-21T03:07:12.000Z');
const conflict = { recordSet: '/sets/a/web', owner: '/groups/web' };

/** As tables hold it: the names of its fields may not change. */
const stored = {
  repairs: { '2026-11-20': { event: 3, audit: 1 }, '2026-11-01': { event: 50, audit: 50 } },
  groups: {
    '/groups/api': { at: '2026-11-21T03:00:00.000Z', conflict },
    '/groups/db': { at: '2026-11-21T02:00:00.000Z' },
  },
  signals: [
    { id: '1', type: 'evenkeel.dns.conflict', subject: '/sets/a/web', at: '2026-11-21T03:00:00.000Z' },
  ],
};

describe('a stored page of the journal', () => {
  it('is read as it was written', () => {
    expect(parseJournalPage({ ...stored, spokes: { 'rg-spoke-a': [1, 2, 3] } })).toEqual({
      ...stored,
      spokes: { 'rg-spoke-a': [1, 2, 3] },
    });
    // Earlier versions did not count by spoke.
    expect(parseJournalPage(stored)).toEqual({ ...stored, spokes: {} });
  });

  it.each([undefined, 'text', { repairs: 1 }])('that no version has written is an empty one: %j', (value) => {
    expect(parseJournalPage(value)).toEqual(emptyJournalPage);
  });
});

describe('the merged journal', () => {
  it('counts the repairs of a week, and says what stands in the way of which group', () => {
    const own = withRepair(emptyJournalPage, 'event', 'rg-spoke-a', now);
    const journal = mergeJournalPages([parseJournalPage(stored), own], now);
    expect(journal).toEqual({
      repairs: { event: 4, audit: 1 },
      spokes: { 'rg-spoke-a': [cellAt(now.getTime()), 1, 0] },
      conflicts: [{ containerGroup: '/groups/api', ...conflict, since: '2026-11-21T03:00:00.000Z' }],
      reconciledAt: new Map([['/groups/db', '2026-11-21T02:00:00.000Z']]),
      signals: stored.signals,
    });
  });

  it('ends a conflict when any process finds the records right later', () => {
    const own = withReconciled(emptyJournalPage, new Map([['/groups/api', now]]));
    const { conflicts, reconciledAt } = mergeJournalPages([parseJournalPage(stored), own], now);
    expect(conflicts).toEqual([]);
    expect(reconciledAt.get('/groups/api')).toBe(now.toISOString());
  });

  it('takes a time that grows with the pages, and not with their square', () => {
    const signal = (id: string) => ({
      id,
      type: 'evenkeel.dns.conflict',
      subject: id,
      at: now.toISOString(),
    });
    const pages = Array.from({ length: 2_000 }, (_, page) => ({
      ...emptyJournalPage,
      signals: Array.from({ length: 50 }, (_, index) => signal(`${page} ${index}`)),
    }));
    // Comparing each signal with every other one would take minutes.
    expect(mergeJournalPages(pages, now).signals).toHaveLength(50);
  });

  it('has a signal that several processes published once', () => {
    const page = parseJournalPage(stored);
    expect(mergeJournalPages([page, page], now).signals).toEqual(stored.signals);
  });
});
