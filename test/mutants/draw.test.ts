import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../local/azure/random.ts';
import { draw, jobOf } from './draw.ts';

const mutation = (file: string, line: number) => ({ file, line, start: 0, end: 0, replacement: '' });
const mutations = [
  ...[1, 2, 3, 4].map((line) => mutation('src/dns/plan.ts', line)),
  ...[1, 2].map((line) => mutation('src/replication/retention.ts', line)),
  mutation('src/routing/verdict.ts', 1),
];

describe('the order in which mutations are tried', () => {
  it('takes one of each job in turn, while it has any', () => {
    expect(draw(mutations, seededRandom(1)).map(jobOf)).toEqual([
      ...['dns', 'replication', 'routing'],
      ...['dns', 'replication'],
      ...['dns', 'dns'],
    ]);
  });

  it('holds each mutation once', () => {
    expect(new Set(draw(mutations, seededRandom(1)))).toEqual(new Set(mutations));
    expect(draw(mutations, seededRandom(1))).toHaveLength(mutations.length);
  });

  it('is the same for the same seed, and another for another', () => {
    const linesOf = (seed: number) => draw(mutations, seededRandom(seed)).map(({ line }) => line);
    expect(linesOf(1)).toEqual(linesOf(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => linesOf(seed).join(' '))).size).toBeGreaterThan(1);
  });
});
