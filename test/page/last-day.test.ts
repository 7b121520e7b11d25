import { describe, expect, it } from 'vitest';
import { evenStatus, unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { copiesLine, lastDayOf, replicaLine, spokeLine, startOf } from '../../src/page/last-day.ts';

const day = (last: string) => last.padStart(48, '0');
const spoke = (marks: string, repairs: number[][] | null = []) =>
  spokeLine({ key: 'rg-spoke-a', audits: day(marks), repairs });
const replica = (last: string) =>
  replicaLine('myregistry', { region: 'westus', name: 'wus', reviews: last.padStart(48, '1') });

describe('the strip of a spoke', () => {
  it.each([
    ['0', {}, 'no drift', 'quiet', 'no drift; 0 repairs'],
    ['2', { tone: 'error' }, '2 findings', 'wrong', 'drift in 1 half hour; 0 repairs'],
    [
      'z',
      { tone: 'error', solid: 0.5 + Math.log2(35) / 11 },
      '35 or more findings',
      'wrong',
      'drift in 1 half hour; 0 repairs',
    ],
    [
      '?',
      { tone: 'unknown', hollow: 0.5 },
      'audit incomplete',
      'gap',
      'no drift; 0 repairs; audit incomplete in 1 half hour',
    ],
    ['..', { isGap: true }, 'no audit', 'gap', 'no drift; 0 repairs; no audit in 1 half hour'],
    // It has only begun.
    ['.', { isGap: true }, 'no audit', 'quiet', 'no drift; 0 repairs'],
  ])('%s is told by its shape and in words', (marks, drawn, text, state, summary) => {
    const line = spoke(marks);
    expect(line.cells.at(-1)).toMatchObject({ ...drawn, text });
    expect(line).toMatchObject({ state, summary });
  });

  it('of a new installation has no gap, and says that nobody looked before', () => {
    const line = spokeLine({ key: 'a', audits: '00'.padStart(48, '.'), repairs: [] });
    expect(line).toMatchObject({ state: 'quiet', summary: 'no drift; 0 repairs; no audit in 46 half hours' });
    const never = spokeLine({ key: 'a', audits: '.'.repeat(48), repairs: [] });
    expect(never).toMatchObject({ state: 'quiet', summary: '0 repairs; no audit in 47 half hours' });
  });

  it('marks a half hour with repairs, whether an audit looked or not', () => {
    const line = spoke('1.', [
      [46, 2, 1],
      [47, 1, 0],
    ]);
    expect(line.cells.slice(-2)).toMatchObject([
      { below: true, text: '1 finding, 3 repairs (1 by audit)' },
      { below: true, isGap: true, text: 'no audit, 1 repair' },
    ]);
    expect(line.summary).toBe('drift in 1 half hour; 4 repairs (1 by audit)');
  });

  it('that cannot be read is not shown as good', () => {
    expect(spokeLine({ key: 'a', audits: null, repairs: null })).toMatchObject({
      cells: [],
      summary: 'audits cannot be read; repairs cannot be read',
    });
  });
});

describe('the strip of a replica', () => {
  it.each([
    ['1', { tone: 'ok', above: false, below: false }, 'good', 'quiet', 'good in every review'],
    ['3', { tone: 'error', solid: 1 }, 'bad, good at times', 'wrong', 'bad in 1 half hour'],
    ['4', { tone: 'unknown', hollow: 0.5 }, 'could not tell', 'gap', 'could not tell in 1 half hour'],
    ['9', { tone: 'ok', above: true }, 'flagged, good', 'wrong', 'flagged in 1 half hour'],
    [
      'h',
      { tone: 'ok', below: true },
      'out of global routing, good',
      'quiet',
      'out of global routing in 1 half hour',
    ],
    ['..', { isGap: true }, 'no review', 'gap', 'no review in 1 half hour'],
  ])('%s is told by its shape and in words', (marks, drawn, text, state, summary) => {
    const line = replica(marks);
    expect(line.cells.at(-1)).toMatchObject({ ...drawn, text });
    expect(line).toMatchObject({ name: 'westus', owner: 'myregistry', state, summary });
  });
});

describe('the strip of copies to a region', () => {
  it('has the percentiles of each half hour, against the slowest of all', () => {
    const line = copiesLine({ region: 'westus', copies: [[47, 3, 4_000, 36_000]] }, 48, 36_000);
    expect(line.cells).toHaveLength(48);
    expect(line.cells[0]).toEqual({ text: 'no copies' });
    expect(line.cells[47]).toMatchObject({
      text: '3 copies, half within 4 s, 95 % within 36 s',
      hollow: 1,
    });
    expect(line.summary).toBe('3 copies; in the slowest half hour 95 % within 36 s');
  });
});

describe('the strips of a document', () => {
  it('begin with what was wrong, and follow the filter', () => {
    const { history } = unevenStatus;
    if (history === null) throw new Error('the sample has a history');
    const { spokes, replicas } = lastDayOf(history, unevenStatus);
    expect(spokes[0]?.state).toBe('wrong');
    expect(replicas.map(({ state }) => state)).toEqual(['wrong', 'wrong', 'gap', 'gap']);
    const none = { dns: { ...unevenStatus.dns, spokes: [] }, registries: [] };
    expect(lastDayOf(history, none)).toEqual({ spokes: [], replicas: [], copies: [] });
  });

  it('end with the half hour that is going on', () => {
    const { history, now } = evenStatus;
    if (history === null) throw new Error('the sample has a history');
    expect([startOf(history, 0), startOf(history, 47)]).toEqual([
      '2026-11-20T03:30:00.000Z',
      '2026-11-21T03:00:00.000Z',
    ]);
    expect(now > startOf(history, 47)).toBe(true);
  });
});
