import type { Exploration } from './explore.ts';
import type { Budget, Troubles } from './scenario.ts';

const write = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

const words: Readonly<Record<keyof Troubles, string>> = {
  duplicates: 'duplicates',
  crashes: 'crashes',
  lostAnswers: 'lost answers',
  reverseFailures: 'failures of reverse',
  ticks: 'steps of time',
  slowAnswers: 'slow answers',
  wrongClocks: 'wrong clocks',
  sweeps: 'sweeps',
};
const kinds = [
  'duplicates',
  'crashes',
  'lostAnswers',
  'reverseFailures',
  'ticks',
  'slowAnswers',
  'wrongClocks',
  'sweeps',
] as const;

/** `2 at once, 1 crashes`. */
export const describeBudget = (budget: Budget): string =>
  [
    `${budget.running} at once`,
    ...kinds.filter((kind) => budget[kind] > 0).map((kind) => `${budget[kind]} ${words[kind]}`),
  ].join(', ');

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
