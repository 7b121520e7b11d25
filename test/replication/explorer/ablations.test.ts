import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ablation } from './ablation.ts';
import { describeHistory } from './describe-history.ts';
import { explore } from './explore.ts';
import { aHistory, type History } from './history.ts';

/** Histories that are tried before a rule counts as needless. */
const numRuns = 3_000;
/** So that every run tries the same histories. */
const seed = 20261121;

/** Finds a history that ends wrong without a rule, and right with it. */
async function counterexample(ablation: Ablation, concerns: (history: History) => boolean): Promise<string> {
  for (const history of fc.sample(aHistory, { numRuns, seed })) {
    if (!concerns(history)) continue;
    const wrong = await explore(history, ablation);
    if (wrong.length === 0) continue;
    expect(await explore(history)).toEqual([]);
    return [...wrong, describeHistory(history)].join('\n');
  }
  return 'none';
}

describe('something ends wrong without', () => {
  it.each<[rule: string, ablation: Ablation, concerns: (history: History) => boolean]>([
    [
      'the region of a deletion',
      { deletionsNameNoRegion: true },
      ({ actions }) => actions.some(({ kind }) => kind === 'delete'),
    ],
    [
      'the read by id of a replica that the list leaves out',
      { listIsProof: true },
      ({ replicas, reviews }) => replicas.listLies.length > 0 && reviews.length > 1,
    ],
    [
      'the time between two looks for a replica',
      { looksMayBeNear: true },
      ({ replicas }) => replicas.idLies.length > 0,
    ],
    [
      'the memory of replicas that others saw',
      { forgetsReplicas: true },
      ({ replicas }) => replicas.listLies.length > 0,
    ],
    [
      'the memory that a replica was ready once',
      { forgetsReadiness: true },
      ({ replicas }) => replicas.resyncs.length > 0,
    ],
    [
      'the difference between seeding and serving',
      { waitsForSeeding: true },
      ({ replicas }) => replicas.added !== undefined,
    ],
    [
      'the replicas of a tag\u2019s own first fact',
      { tagsWaitForImage: true },
      ({ replicas }) => replicas.added !== undefined,
    ],
  ])(
    '%s',
    async (_, ablation, concerns) => {
      expect(await counterexample(ablation, concerns)).not.toBe('none');
    },
    60_000,
  );
});
