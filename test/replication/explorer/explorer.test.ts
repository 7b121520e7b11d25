import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHistory } from './describe-history.ts';
import { explore } from './explore.ts';
import { aHistory, type History } from './history.ts';

/** Seconds for the long form; `undefined`: only the short form runs. */
const longSeconds: number | undefined = Number(process.env['EVENKEEL_EXPLORE_SECONDS']) || undefined;

const property = fc.asyncProperty(aHistory, async (history) => (await explore(history)).length === 0);

/** Says how much was seen, and by which seed to see it again. */
async function seeMany(parameters: fc.Parameters<[History]>): Promise<void> {
  const details = await fc.check(property, parameters);
  process.stdout.write(`${details.numRuns} histories of a registry from the seed ${details.seed}\n`);
  const [history] = details.counterexample ?? [];
  if (history === undefined) return;
  const wrong = await explore(history);
  expect.fail(
    `the seed ${details.seed} and the path ${details.counterexamplePath} lead to:\n${wrong.join('\n')}\n\n${describeHistory(history)}`,
  );
}

describe('whatever is pushed, deleted, lost, repeated, delayed or interrupted', () => {
  it('what is said of it is right in the end', () => seeMany({ numRuns: 400 }), 60_000);

  it.skipIf(longSeconds === undefined)(
    'what is said of it is right in the end, for as long as there is time',
    () =>
      seeMany({
        numRuns: 1e9,
        interruptAfterTimeLimit: (longSeconds ?? 0) * 1000,
        markInterruptAsFailure: false,
      }),
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});
