import { expect, it } from 'vitest';
import { describeScore, isEnough, scores, type Verdict } from './score.ts';

const unnoticed: Verdict = { kind: 'unnoticed' };
const noticed: Verdict = { kind: 'noticed', by: 'a test' };
const timeOut: Verdict = { kind: 'time-out' };

it('counts the verdicts by job, and a time-out as noticed', () => {
  const results = [
    ...[unnoticed, noticed, timeOut, noticed].map((verdict) => ({ job: 'dns', verdict }) as const),
    { job: 'routing', verdict: noticed } as const,
  ];
  expect(scores(results)).toEqual(
    new Map([
      ['dns', { tried: 4, noticed: 3, timeOuts: 1 }],
      ['routing', { tried: 1, noticed: 1, timeOuts: 0 }],
    ]),
  );
});

it.each([
  [20, 19, true],
  [20, 18, false],
  [1, 0, false],
])('of %d, %d noticed are enough: %s', (tried, seen, expected) => {
  expect(isEnough({ tried, noticed: seen, timeOuts: 0 })).toBe(expected);
});

it.each([
  [{ tried: 4, noticed: 3, timeOuts: 1 }, 'dns: 3 of 4 noticed, 75.0 %, 1 of them by a time-out'],
  [{ tried: 3, noticed: 2, timeOuts: 0 }, 'dns: 2 of 3 noticed, 66.7 %'],
])('says %o in one line', (score, expected) => {
  expect(describeScore('dns', score)).toBe(expected);
});
