import { describe, expect, it } from 'vitest';
import {
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
      eastus: { '100 B': [0] },
      westus: { '100 B': [10_000, 30_000], unknown: [1] },
    });
  });

  it('keeps the newest 32 samples', () => {
    let known = {};
    for (let seconds = 1; seconds <= 40; seconds += 1) {
      const facts = [fact('westus', seconds)];
      known = learnCopyTimes(known, { ...image, references: [aReference({ facts })] });
    }
    const samples = Array.from({ length: 32 }, (_, index) => (index + 9) * 1000);
    expect(known).toMatchObject({ westus: { '100 B': samples } });
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
