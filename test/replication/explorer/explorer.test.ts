import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { aHistory } from './history.ts';

/** Seconds for the long form; `undefined`: only the short form runs. */
const longSeconds: number | undefined = Number(process.env['EVENKEEL_EXPLORE_SECONDS']) || undefined;

const property = fc.asyncProperty(aHistory, async (history) => {
  expect(await explore(history)).toEqual([]);
});

describe('whatever is pushed, deleted, lost, repeated, delayed or interrupted', () => {
  it('what is said of it is right in the end', async () => {
    await fc.assert(property, { numRuns: 400 });
  }, 60_000);

  it.skipIf(longSeconds === undefined)(
    'what is said of it is right in the end, for as long as there is time',
    async () => {
      const interruptAfterTimeLimit = (longSeconds ?? 0) * 1000;
      await fc.assert(property, { numRuns: 1e9, interruptAfterTimeLimit, markInterruptAsFailure: false });
    },
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});
