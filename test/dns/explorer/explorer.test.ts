import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { longSeconds } from './long.ts';
import { describeCounterexample, reportCoverage } from './report.ts';
import { type Budget, budget, type Scenario } from './scenario.ts';
import { scenarios, withOtherWriter } from './scenarios.ts';

const all: readonly Scenario[] = [...Object.values(scenarios), ...withOtherWriter];
const { move, deletion, recreation, creationAndDeletion, handOver, handOverByDeletion } = scenarios;
const { threeMoves, creationAndMoves, recreationAndMove, handOverAndBack, handOverTwice, swap } = scenarios;
const { deletionOnRepair, recreationElsewhere } = scenarios;
const allBut = (...left: readonly Scenario[]) => all.filter((scenario) => !left.includes(scenario));

/** What one core does in seconds; the rest is for when there is more time. */
const table: readonly (readonly [what: string, Budget, readonly Scenario[]])[] = [
  [
    'invocations that overlap',
    budget(2),
    allBut(threeMoves, creationAndMoves, recreationAndMove, handOverAndBack),
  ],
  [
    'two crashes, one invocation at a time',
    budget(1, { crashes: 2 }),
    allBut(handOverAndBack, handOverTwice, swap),
  ],
  ['a crash, one invocation at a time', budget(1, { crashes: 1 }), [handOverAndBack, handOverTwice, swap]],
  [
    'duplicates that overlap, and a crash',
    budget(2, { duplicates: 1, crashes: 1 }),
    [move, deletion, recreation],
  ],
  [
    'invocations that overlap, and two crashes',
    budget(2, { crashes: 2 }),
    [creationAndDeletion, recreation, deletionOnRepair],
  ],
  [
    'invocations that overlap, and a lost answer',
    budget(2, { lostAnswers: 1 }),
    [handOver, handOverByDeletion, recreationElsewhere],
  ],
  [
    'invocations that overlap, a crash and a lost answer',
    budget(2, { crashes: 1, lostAnswers: 1 }),
    [move, deletion, ...withOtherWriter.slice(0, 6)],
  ],
];

describe.each(table)('with %s, every schedule ends right:', (_, limits, chosen) => {
  it.each(chosen.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (name, scenario) => {
      const exploration = await explore(scenario, limits);
      reportCoverage(name, limits, exploration);
      expect(describeCounterexample(exploration)).toBeUndefined();
      expect(exploration.isComplete).toBe(true);
      expect(exploration.ends).toBeGreaterThan(0);
    },
    60_000,
  );
});

const longTable = [
  budget(2, { crashes: 2 }),
  budget(2, { duplicates: 1, crashes: 1 }),
  budget(3),
  budget(2, { crashes: 1, lostAnswers: 1 }),
  budget(3, { duplicates: 1, crashes: 2, lostAnswers: 1 }),
];
const turns = longTable.flatMap((limits) =>
  all.map((scenario) => [scenario.name, scenario, limits] as const),
);
// What ends early leaves its time to the larger ones, which come last.
const patience = 8;

describe.skipIf(longSeconds === undefined)('with more time, every schedule that is seen ends right:', () => {
  const startedMs = performance.now();
  const endMs = startedMs + (longSeconds ?? 0) * 1000;
  it.each(turns.map((turn, index) => [...turn, index] as const))(
    '%s',
    async (name, scenario, limits, index) => {
      const fairMs = Math.max(0, endMs - performance.now()) / (turns.length - index);
      const untilMs = Math.min(endMs, performance.now() + patience * fairMs);
      const exploration = await explore(scenario, limits, { untilMs, maxStates: 600_000 });
      reportCoverage(name, limits, exploration);
      expect(describeCounterexample(exploration)).toBeUndefined();
    },
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});
