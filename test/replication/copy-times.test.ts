import { describe, expect, it } from 'vitest';
import {
  type CopyTimes,
  copyTimeStats,
  copyTimesOf,
  estimateRemainingMs,
  learnCopyTimes,
  sizeClass,
} from '../../src/replication/copy-times.ts';
import { anImage, aReference, at, fact } from './fixtures.ts';

const image = anImage({
  sizeBytes: 524,
  references: [aReference({ facts: [fact('eastus', 0), fact('westus', 30), fact('westus', 40)] })],
  verified: [fact('northeurope', 90, 'verified')],
});

describe('copyTimesOf', () => {
  it('counts from the first notification of the image to the first one of the region', () => {
    expect([...copyTimesOf(image)]).toEqual([
      ['eastus', 0],
      ['westus', 30_000],
    ]);
  });

  it('is never negative', () => {
    const early = anImage({ firstSeenMs: at(10), references: [aReference({ facts: [fact('eastus', 5)] })] });
    expect([...copyTimesOf(early)]).toEqual([['eastus', 0]]);
  });
});

describe('sizeClass', () => {
  it.each([
    [undefined, 'unknown'],
    [0, '1 B'],
    [9, '1 B'],
    [524, '100 B'],
    [999, '100 B'],
    [1000, '1000 B'],
  ])('puts %s in the class %s', (size, name) => {
    expect(sizeClass(size)).toBe(name);
  });
});

describe('learnCopyTimes', () => {
  it('adds a sample for each region to the class of the size', () => {
    const known = { westus: { '100 B': [10_000], unknown: [1] } };
    expect(learnCopyTimes(known, image)).toEqual({
      eastus: { '100 B': [0], all: [0] },
      westus: { '100 B': [10_000, 30_000], unknown: [1], all: [30_000] },
    });
  });

  it('keeps the newest 32 samples of a class, and the newest 200 of all sizes', () => {
    let known: CopyTimes = {};
    for (let seconds = 1; seconds <= 240; seconds += 1) {
      const facts = [fact('westus', seconds)];
      const sizeBytes = seconds <= 200 ? 524 : 5_240;
      known = learnCopyTimes(known, { ...image, sizeBytes, references: [aReference({ facts })] });
    }
    const seconds = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => (from + index) * 1000);
    expect(known).toEqual({
      westus: { '100 B': seconds(169, 200), '1000 B': seconds(209, 240), all: seconds(41, 240) },
    });
  });
});

describe('estimateRemainingMs', () => {
  const known = {
    westus: { '100 B': [10_000, 20_000, 30_000, 40_000, 50_000], unknown: [500_000] },
    eastus: { '100 B': [5_000], '1000 B': [100_000] },
  };

  it('is the median of the copies that took longer than this one has taken', () => {
    expect(estimateRemainingMs(known, ['westus'], 524, 0)).toBe(30_000);
    expect(estimateRemainingMs(known, ['westus'], 524, 25_000)).toBe(40_000 - 25_000);
  });

  it('is the lower median of an even number', () => {
    expect(estimateRemainingMs(known, ['westus'], 524, 10_000)).toBe(30_000 - 10_000);
  });

  it('is the estimate of the slowest missing region', () => {
    expect(estimateRemainingMs(known, ['eastus', 'westus'], 524, 0)).toBe(30_000);
  });

  it('uses copies of all sizes where none of this size was seen', () => {
    const all = { eastus: { '100 B': [5_000], all: [7_000] } };
    expect(estimateRemainingMs(all, ['eastus'], 1e9, 0)).toBe(7_000);
  });

  it('uses those of every class where an earlier version stored them', () => {
    expect(estimateRemainingMs(known, ['eastus'], 1e9, 0)).toBe(5_000);
  });

  it.each([
    ['nothing was learned of a region', ['northeurope'], 0],
    ['nothing was learned of one of the missing regions', ['westus', 'northeurope'], 0],
    ['this copy takes longer than all before it', ['westus'], 50_000],
    ['nothing is missing', [], 0],
  ])('is unknown when %s', (_, missing, elapsedMs) => {
    expect(estimateRemainingMs(known, missing, 524, elapsedMs)).toBeUndefined();
  });
});

describe('copyTimeStats', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => (index + 1) * 1000);
  const statsOf = (all: readonly number[], objectiveMs = 60_000) =>
    copyTimeStats({ westus: { '100 B': [1], all: all.toReversed() } }, objectiveMs)[0];

  it.each([
    [[7_000], 7_000, 7_000],
    [[1_000, 9_000], 1_000, 9_000],
    [upTo(3), 2_000, 3_000],
    [upTo(19), 10_000, 19_000],
    [upTo(20), 10_000, 19_000],
    [upTo(100), 50_000, 95_000],
    [upTo(200), 100_000, 190_000],
  ])('gives the nearest ranks of %j', (samples, p50Ms, p95Ms) => {
    expect(statsOf(samples)).toMatchObject({ samples: samples.length, p50Ms, p95Ms });
  });

  it('says what share of the copies met the objective', () => {
    expect(statsOf(upTo(10), 9_000)?.withinObjective).toBe(0.9);
    expect(statsOf(upTo(10), 999)?.withinObjective).toBe(0);
  });

  it('has the regions in order, and none of which an earlier version kept classes only', () => {
    const known = { westus: { all: [1] }, eastus: { all: [2] }, uksouth: { '100 B': [3] }, uknorth: {} };
    expect(copyTimeStats(known, 1).map(({ region }) => region)).toEqual(['eastus', 'westus']);
  });
});
