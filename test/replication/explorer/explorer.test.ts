import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyHistory } from './any-history.ts';
import { describeHistory } from './describe-history.ts';
import { explore } from './explore.ts';
import type { History } from './history.ts';

/** How long the long form runs, in seconds; `undefined` when only the short form runs. */
const longSeconds: number | undefined = Number(process.env['EVENKEEL_EXPLORE_SECONDS']) || undefined;

const property = fc.asyncProperty(anyHistory, async (history) => (await explore(history)).length === 0);

/** Explores many histories, and prints how many, with the seed that repeats them. */
async function exploreMany(parameters: fc.Parameters<[History]>): Promise<void> {
  // Races are lost by errors, of which nobody reads the stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const details = await fc.check(property, parameters).finally(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  process.stdout.write(`${details.numRuns} histories of a registry from the seed ${details.seed}\n`);
  const [history] = details.counterexample ?? [];
  if (history === undefined) return;
  const wrong = await explore(history);
  expect.fail(
    `the seed ${details.seed} and the path ${details.counterexamplePath} lead to:\n${wrong.join('\n')}\n\n${describeHistory(history)}`,
  );
}

describe('whatever is pushed, deleted, lost, repeated, delayed or interrupted', () => {
  it('the answers and signals are right in the end', () => exploreMany({ numRuns: 250 }), 60_000);

  it.skipIf(longSeconds === undefined)(
    'the answers and signals are right in the end, for as long as there is time',
    () =>
      exploreMany({
        numRuns: 1e9,
        interruptAfterTimeLimit: (longSeconds ?? 0) * 1000,
        markInterruptAsFailure: false,
      }),
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});
