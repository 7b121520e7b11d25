import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { longSeconds } from './long.ts';
import { describeCounterexample, reportCoverage } from './report.ts';
import { longRows, rows } from './rows.ts';
import { budget } from './scenario.ts';
import { scenarios } from './scenarios.ts';

/** What has more states takes most of the time, and is for the long form. */
const mostStates = longSeconds === undefined ? 1_000 : Number.POSITIVE_INFINITY;
const shortRows = rows
  .map((row) => ({ ...row, needs: row.needs.filter(([, states]) => states <= mostStates) }))
  .filter(({ needs }) => needs.length > 0);

describe.each(shortRows)('with $what, every schedule ends right:', ({ limits, needs }) => {
  it.each(needs.map(([scenario, states]) => [scenario.name, scenario, states] as const))(
    '%s',
    async (name, scenario, states) => {
      const exploration = await explore(scenario, limits);
      reportCoverage(name, limits, exploration);
      expect(describeCounterexample(exploration)).toBeUndefined();
      expect(exploration.isComplete).toBe(true);
      expect(exploration.ends).toBeGreaterThan(0);
      expect(exploration.states).toBeGreaterThanOrEqual(states);
    },
    60_000,
  );
});

it('sees the states that it needs also when the time is over', async () => {
  const { isComplete, states } = await explore(scenarios.swap, budget(2), { untilMs: 0, leastStates: 500 });
  expect(isComplete).toBe(false);
  expect(states).toBeGreaterThanOrEqual(500);
});

const turns = longRows.flatMap(({ limits, scenarios: chosen, needs }) =>
  chosen.map((scenario) => [scenario.name, scenario, limits, needs] as const),
);
// What ends early leaves its time to the larger ones, which come last; what does not may take some of theirs.
const patience = 2;

describe.skipIf(longSeconds === undefined)('with more time, every schedule that is seen ends right:', () => {
  /** Counted from the first turn: what npm test explores, too, comes before it. */
  let endMs: number | undefined;
  it.each(turns.map((turn, index) => [...turn, index] as const))(
    '%s',
    async (name, scenario, limits, needs, index) => {
      endMs ??= performance.now() + (longSeconds ?? 0) * 1000;
      const fairMs = Math.max(0, endMs - performance.now()) / (turns.length - index);
      const untilMs = Math.min(endMs, performance.now() + patience * fairMs);
      const exploration = await explore(scenario, limits, {
        untilMs,
        leastStates: needs,
        maxStates: 600_000,
      });
      reportCoverage(name, limits, exploration);
      expect(describeCounterexample(exploration)).toBeUndefined();
      const needed = exploration.isComplete ? 1 : needs;
      expect(exploration.states).toBeGreaterThanOrEqual(needed);
    },
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});
