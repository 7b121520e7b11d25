import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../local/azure/random.ts';
import { type Allowance, judgeGrowth, type Sample } from './growth.ts';

const minuteMs = 60_000;
const endMs = 120 * minuteMs;
const settledAtMs = 15 * minuteMs;
const allowance: Allowance = { share: 0.125, absolute: 8, because: 'a test says so' };

/** Four samples a minute for two hours. */
const series = (valueAt: (minute: number) => number): Sample[] =>
  Array.from({ length: 480 }, (_, index) => ({ atMs: index * 15_000, value: valueAt(index / 4) }));

const verdictOn = (samples: readonly Sample[]) => judgeGrowth({ samples, allowance }, settledAtMs, endMs);

describe('the judgement on growth', () => {
  it.each([1, 2, 3])('passes noise of a fifth to either side, seed %i', (seed) => {
    const random = seededRandom(seed);
    expect(verdictOn(series(() => 100 * (0.8 + 0.4 * random())))).toMatchObject({ kind: 'steady' });
  });

  it.each([1, 2, 3])('fails a leak of a third in an hour under that noise, seed %i', (seed) => {
    const random = seededRandom(seed);
    const leaking = series((minute) => (100 + minute / 2) * (0.8 + 0.4 * random()));
    expect(verdictOn(leaking)).toMatchObject({ kind: 'grew' });
  });

  it('passes a number that swings, as garbage and retention do', () => {
    expect(verdictOn(series((minute) => 100 + 80 * ((minute % 6) / 6)))).toMatchObject({ kind: 'steady' });
  });

  it('passes what fills at the start and then stays', () => {
    const filling = series((minute) => Math.min(200, 20 * minute));
    expect(verdictOn(filling)).toEqual({ kind: 'steady', first: 200, last: 200, allowed: 233 });
  });

  it('passes single peaks, also in the last quarter', () => {
    expect(verdictOn(series((minute) => (minute % 7 === 0 ? 5_000 : 100)))).toMatchObject({ kind: 'steady' });
  });

  it('goes by the share and by what is allowed on top of it', () => {
    const step = (height: number) => series((minute) => (minute < 60 ? 100 : 100 + height));
    expect(verdictOn(step(20))).toEqual({ kind: 'steady', first: 100, last: 120, allowed: 120.5 });
    expect(verdictOn(step(21))).toMatchObject({ kind: 'grew' });
  });

  it('fails growth from nothing, of which a share is nothing', () => {
    expect(verdictOn(series((minute) => (minute < 60 ? 0 : 9)))).toMatchObject({ kind: 'grew', first: 0 });
  });

  it('does not know when a quarter has fewer than three samples', () => {
    const ended = series(() => 100).filter(({ atMs }) => atMs < 93 * minuteMs);
    expect(verdictOn(ended)).toEqual({ kind: 'unknown', samples: 0 });
    expect(verdictOn([])).toEqual({ kind: 'unknown', samples: 0 });
  });
});
