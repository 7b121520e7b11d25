import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ablation } from './ablation.ts';
import { anyHistory } from './any-history.ts';
import { aHistoryUnderConditions } from './conditions.ts';
import { describeHistory } from './describe-history.ts';
import { explore } from './explore.ts';
import { type Action, aHistory, type History } from './history.ts';
import { aPullAfterDeletion, type Pulls } from './pulls.ts';

/** As many as are tried before a rule counts as needless; the seed has every run try the same. */
const plainHistories = fc.sample(aHistory, { numRuns: 3_000, seed: 20261121 });
/** Seeds that lead to a counterexample soon. */
const soon = [32, 111, 158].flatMap((seed) => fc.sample(aHistory, { numRuns: 60, seed }));
/** One history in some thousands has a copy that comes after the deletion, and whose own deletion nobody tells. */
const lateCopies = fc.sample(aHistory, { numRuns: 60, seed: 73 });
/** Seeds that lead to a counterexample soon. */
const pullHistories = [4, 6, 20261121].flatMap((seed) =>
  fc.sample(aPullAfterDeletion, { numRuns: 100, seed }),
);

const underConditions = fc.sample(aHistoryUnderConditions, { numRuns: 200, seed: 20261123006 });

/** One in some hundred thousand: a tag is pushed again before its deletion is told, and the settings changed in between. */
const lateDeletion = fc.sample(anyHistory, { numRuns: 1, seed: 9500079, path: '432' });

/** Finds a history that ends wrong without a rule, and right with it. */
async function counterexample(
  ablation: Ablation,
  concerns: (history: History) => boolean,
  histories: readonly History[] = plainHistories,
): Promise<string> {
  for (const history of histories) {
    if (!concerns(history)) continue;
    const wrong = await explore(history, ablation);
    if (wrong.length === 0) continue;
    expect(await explore(history)).toEqual([]);
    return [...wrong, describeHistory(history)].join('\n');
  }
  return 'none';
}

/** Whether an action pushes an old digest under a new tag. */
function isNewTag(actions: readonly Action[], index: number): boolean {
  const pushed = actions[index];
  if (pushed?.kind !== 'push') return false;
  const earlier = actions.slice(0, index).filter(({ digest }) => digest === pushed.digest);
  return earlier.length > 0 && earlier.every(({ kind, tag }) => kind === 'push' && tag !== pushed.tag);
}

describe('something ends wrong without', () => {
  it.each<
    [
      rule: string,
      ablation: Ablation,
      concerns: (history: History) => boolean,
      histories?: readonly History[],
    ]
  >([
    [
      'the region of a deletion',
      { deletionsNameNoRegion: true },
      ({ actions }) => actions.some(({ kind }) => kind === 'delete'),
      soon,
    ],
    [
      'the read by id of a replica that the list leaves out',
      { listIsProof: true },
      ({ replicas, reviews }) => replicas.listLies.length > 0 && reviews.length > 1,
      soon,
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
      soon,
    ],
    [
      'a question to the region that a copy came to after the deletion',
      { copiesNeverGo: true },
      ({ actions, arrivals, isLossy }) =>
        isLossy &&
        arrivals.some(({ action: index, seconds }) => {
          const { kind, digest } = actions[index] ?? {};
          const next = actions.find((one, later) => later > index && one.digest === digest);
          return kind === 'push' && next?.kind === 'delete' && seconds > next.seconds;
        }),
      lateCopies,
    ],
    [
      'the replicas of a tag\u2019s own first fact',
      { tagsWaitForImage: true },
      ({ replicas: { added }, actions, reviews }) =>
        added !== undefined &&
        reviews.some(({ seconds }) => seconds >= added.readySeconds) &&
        actions.some((later, index) => later.seconds > added.readySeconds && isNewTag(actions, index)),
    ],
    [
      'the episode that stays when a deletion takes only what was read',
      { episodesMove: true, clocksDifferByHours: 1 },
      ({ actions, isLossy }) => isLossy && actions.some(({ kind }) => kind === 'delete'),
      underConditions,
    ],
    [
      'the settings of now, by the processes that start after they changed',
      { settingsStay: true },
      ({ conditions }) =>
        conditions !== undefined && conditions.selected.before !== conditions.selected.after,
      underConditions,
    ],
    [
      'the memory of what the settings named when something was first seen',
      { forgetsExpected: true },
      ({ conditions }) =>
        conditions !== undefined && conditions.selected.before !== conditions.selected.after,
      underConditions,
    ],
    [
      'the memory of what a later push would wait for, which a late deletion makes the first',
      { forgetsLaterExpectations: true },
      () => true,
      lateDeletion,
    ],
    [
      'the same id of a signal that is published again, as when storage takes a write and does not say so',
      { repeatsAreNews: true },
      ({ actions, deliveries, conditions }) =>
        (conditions?.lostAnswers.length ?? 0) > 0 &&
        actions.every(({ kind }) => kind === 'push') &&
        deliveries.every(({ crashAt }) => crashAt === undefined),
      underConditions,
    ],
  ])(
    '%s',
    async (_, ablation, concerns, histories) => {
      expect(await counterexample(ablation, concerns, histories)).not.toBe('none');
    },
    180_000,
  );
});

it('nothing ends wrong where clocks differ by an hour', async () => {
  for (const history of underConditions)
    expect(await explore(history, { clocksDifferByHours: 1 })).toEqual([]);
});

const lacksParts = (pulls: Pulls | undefined): boolean => (pulls?.absences.length ?? 0) > 0;
const refuses = (pulls: Pulls | undefined): boolean => (pulls?.refusals.length ?? 0) > 0;

describe('an answer about pulls is wrong without', () => {
  it.each<[rule: string, ablation: Ablation, concerns: (history: History) => boolean]>([
    [
      'the end of what was seen with a deletion',
      { pullsSurviveDeletions: true },
      ({ actions, pulls }) => lacksParts(pulls) && actions.some(({ kind }) => kind === 'delete'),
    ],
    ['the age of what was seen', { pullsAgeNever: true }, ({ pulls }) => lacksParts(pulls)],
    [
      'the difference between a layer that is there and one that nobody could ask for',
      { failuresArePresent: true },
      ({ pulls }) => lacksParts(pulls) && refuses(pulls),
    ],
    [
      'the difference between a layer that is missing and one that nobody could ask for',
      { failuresAreAbsent: true },
      ({ pulls }) => refuses(pulls),
    ],
  ])(
    '%s',
    async (_, ablation, concerns) => {
      expect(await counterexample(ablation, concerns, pullHistories)).not.toBe('none');
    },
    180_000,
  );
});
