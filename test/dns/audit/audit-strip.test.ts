import { describe, expect, it } from 'vitest';
import { auditMark, joinAuditMarks, stripsAfter } from '../../../src/dns/audit/audit-strip.ts';
import { cellAt } from '../../../src/lib/last-day.ts';

describe('what an audit leaves in the strip of a spoke', () => {
  it.each([
    [0, true, '0'],
    [0, false, '?'],
    [3, false, '3'],
    [3, true, '3'],
    [35, true, 'z'],
    [5_000, true, 'z'],
  ])('%i findings, complete %s: %s', (findings, complete, mark) => {
    expect(auditMark(findings, complete)).toBe(mark);
  });

  it.each([
    ['?', '0', '0'],
    ['?', '?', '?'],
    ['0', '2', '2'],
    ['a', '9', 'a'],
  ])('%s and %s come to %s, in either order', (a, b, both) => {
    expect(joinAuditMarks(a, b)).toBe(both);
    expect(joinAuditMarks(b, a)).toBe(both);
  });

  it('has a gap where no audit ran, and nothing of a spoke that is gone', () => {
    const at = (finishedAt: string, findings: number) => ({
      finishedAt,
      complete: true,
      spokes: [{ key: 'rg-spoke-a', groups: 1, recordSets: 2, findings }],
    });
    const last = cellAt(Date.parse('2026-11-21T03:00:00Z'));
    const before = { gone: { last, marks: '1' }, 'rg-spoke-a': { last: last - 3, marks: '2' } };
    expect(stripsAfter(before, at('2026-11-21T03:10:00Z', 0))).toEqual({
      'rg-spoke-a': { last, marks: '2..0' },
    });
  });
});
