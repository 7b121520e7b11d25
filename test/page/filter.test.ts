import { describe, expect, it } from 'vitest';
import { largeStatus } from '../../scripts/status-page/large-status.ts';
import { unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { filtered, isFiltering, noFilter } from '../../src/page/filter.ts';

const rows = ({ dns, images, registries, copyTimes, signals }: typeof unevenStatus) => ({
  spokes: dns.spokes.map(({ key }) => key),
  findings: dns.audit?.findings.map(({ finding }) => finding),
  conflicts: dns.conflicts.length,
  images: images.open.map(({ repository }) => repository),
  replicas: registries.flatMap(({ replicas }) => replicas.map(({ region }) => region)),
  times: copyTimes.map(({ region }) => region),
  signals: signals.recent.length,
});
const shown = (text: string, onlyProblems = false) => rows(filtered(unevenStatus, { text, onlyProblems }));

describe('a filter', () => {
  it('without words shows everything', () => {
    expect(shown(' ')).toEqual(rows(unevenStatus));
    expect(isFiltering({ ...noFilter, text: '  ' })).toBe(false);
    expect(isFiltering({ ...noFilter, onlyProblems: true })).toBe(true);
  });

  it('shows rows that hold every word, in any order and writing', () => {
    expect(shown('SPOKE-B db')).toMatchObject({ spokes: [], findings: ['addressDiffers'], images: [] });
    expect(shown('rg-spoke-b').spokes).toEqual(['rg-spoke-b']);
    expect(shown('10.1.0.7').findings).toEqual(['unmapped']);
    expect(shown('team/app:v42')).toMatchObject({ images: ['team/app'], replicas: [], signals: 1 });
    expect(shown('myregistry westus')).toMatchObject({ replicas: ['westus'], times: ['westus'] });
    expect(shown('nowhere')).toEqual({
      spokes: [],
      findings: [],
      conflicts: 0,
      images: [],
      replicas: [],
      times: [],
      signals: 0,
    });
  });

  it('for problems only leaves out what is well', () => {
    expect(shown('', true)).toEqual({
      spokes: ['rg-spoke-b'],
      findings: ['addressDiffers', 'unmapped'],
      conflicts: 1,
      images: ['team/app'],
      replicas: ['westus'],
      times: ['westus'],
      signals: 0,
    });
  });

  it('changes no number and no problem', () => {
    const status = largeStatus();
    const found = filtered(status, { text: 'registry9', onlyProblems: true });
    expect(found.problems).toBe(status.problems);
    expect(found.images.total).toBe(status.images.total);
    expect(found.dns.audit?.findingsTotal).toBe(300);
    expect(found.registries.map(({ registry }) => registry)).toEqual(['registry9']);
  });
});
