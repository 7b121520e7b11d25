import { describe, expect, it } from 'vitest';
import { cellAt } from '../../src/lib/last-day.ts';
import { type HistoryParts, historyOf } from '../../src/status/history.ts';

const now = new Date('2026-11-21T03:12:00.000Z');
const last = cellAt(now.getTime());
const nobodyLooked = '.'.repeat(48);
const parts: HistoryParts = {
  now,
  spokes: ['rg-spoke-a', 'constructor', '__proto__'],
  audit: { value: { strips: { 'rg-spoke-a': { last: last - 1, marks: '02' } } } },
  journal: { value: { spokes: { 'rg-spoke-a': [last - 60, 9, 9, last - 47, 3, 1, last, 0, 2] } } },
  copies: { value: { lastDay: { westus: [last, 0, 2], eastus: [last - 48, 0, 1] } } },
  reviews: { value: [] },
};

describe('the last 24 hours in the status document', () => {
  it('end with the half hour that is going on, and have gaps where nobody looked', () => {
    const { until, spokes, copies } = historyOf(parts);
    expect(until).toBe('2026-11-21T03:30:00.000Z');
    expect(spokes).toEqual([
      {
        key: 'rg-spoke-a',
        audits: '02.'.padStart(48, '.'),
        repairs: [
          [0, 3, 1],
          [47, 0, 2],
        ],
      },
      // Resource groups may have these names, and nothing is known of them.
      { key: 'constructor', audits: nobodyLooked, repairs: [] },
      { key: '__proto__', audits: nobodyLooked, repairs: [] },
    ]);
    expect(copies).toEqual([
      { region: 'eastus', copies: [] },
      { region: 'westus', copies: [[47, 2, 0, 0]] },
    ]);
  });

  it('say what cannot be read, which is not the same as nothing', () => {
    const failure = { failure: 'StateUnavailableError' };
    const unread = { audit: failure, journal: failure, copies: failure, reviews: failure };
    expect(historyOf({ ...parts, spokes: ['a'], ...unread })).toMatchObject({
      spokes: [{ key: 'a', audits: null, repairs: null }],
      registries: null,
      copies: null,
    });
    const none = { audit: { value: undefined }, journal: { value: undefined } };
    expect(historyOf({ ...parts, spokes: ['a'], ...none }).spokes).toEqual([
      { key: 'a', audits: nobodyLooked, repairs: [] },
    ]);
  });
});
