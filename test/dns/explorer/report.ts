import type { Exploration } from './explore.ts';
import type { Budget } from './scenario.ts';

const write = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

export const describeBudget = ({ running, duplicates, crashes, lostAnswers }: Budget): string =>
  `${running} at once, ${duplicates} duplicates, ${crashes} crashes, ${lostAnswers} lost answers`;

/** One line: how much was seen. */
export function reportCoverage(
  name: string,
  budget: Budget,
  { states, histories, ends, isComplete }: Exploration,
): void {
  const seen = `${states} states, ${ends} ends, ${histories} histories`;
  write([`${name} (${describeBudget(budget)}): ${seen}${isComplete ? '' : ', not all of them'}`]);
}

/** What went wrong, one line a step; `undefined` when nothing did. */
export const describeCounterexample = ({ counterexample }: Exploration): string | undefined =>
  counterexample && [...counterexample.schedule, `=> ${counterexample.wrong}`].join('\n');

export function reportCounterexample(name: string, exploration: Exploration, isWhole: boolean): void {
  const { counterexample, states } = exploration;
  if (counterexample === undefined) return;
  write([
    `${name}: after ${counterexample.schedule.length} steps, ${states} states seen: ${counterexample.wrong}`,
  ]);
  if (isWhole) write([`${describeCounterexample(exploration)}\n`]);
}
