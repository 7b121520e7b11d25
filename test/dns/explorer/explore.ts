import type { Ablation } from './ablation.ts';
import { Invocations } from './invocation.ts';
import { idOf } from './perform.ts';
import type { Budget, Scenario } from './scenario.ts';
import { initialState, keyOf, type State } from './state.ts';
import { transitionsOf } from './transitions.ts';
import { isQuiet, isResting, wrongAtTheEnd, wrongOnTheWay } from './truth.ts';

export interface Exploration {
  readonly states: number;
  /** Histories of answers that the reconciler was run on. */
  readonly histories: number;
  /** States in which everything is over. */
  readonly ends: number;
  /** Every state was reached; otherwise the time was over. */
  readonly isComplete: boolean;
  readonly counterexample: Counterexample | undefined;
}

/** A shortest schedule that ends wrong. */
export interface Counterexample {
  readonly wrong: string;
  /** One line a step. */
  readonly schedule: readonly string[];
}

export interface Options {
  readonly ablation?: Ablation;
  /** From `performance.now()`. */
  readonly untilMs?: number;
  /** So many are seen however late it is. */
  readonly leastStates?: number;
  /** A state takes about a kilobyte. */
  readonly maxStates?: number;
}

/** The time is looked at once in so many states. */
const statesBetweenLooks = 64;

interface Reached {
  /** Let go once it was looked at. */
  state: State | undefined;
  readonly from: number;
  readonly label: () => string;
}

/**
 * Reaches every state that any interleaving leads to, nearest first, so that the first wrong one ends a shortest
 * schedule. A state from which no end can be reached is wrong, too.
 */
export async function explore(
  scenario: Scenario,
  budget: Budget,
  { ablation = {}, untilMs, leastStates = 0, maxStates = Number.POSITIVE_INFINITY }: Options = {},
): Promise<Exploration> {
  const invocations = new Invocations(ablation);
  const world = { scenario, budget, ablation, invocations };
  const first = initialState(scenario, budget, idOf);
  const reached: Reached[] = [{ state: first, from: -1, label: () => 'the beginning' }];
  const known = new Map([[keyOf(first), 0]]);
  /** From where, to where, by turns. */
  const steps: number[] = [];
  const ends: number[] = [];
  const resting: number[] = [];
  const result = (isComplete: boolean, wrong?: string, at = 0): Exploration => ({
    states: reached.length,
    histories: invocations.count,
    ends: ends.length,
    isComplete,
    counterexample: wrong === undefined ? undefined : { wrong, schedule: scheduleTo(at, reached) },
  });

  for (let at = 0; at < reached.length; at++) {
    const here = reached[at];
    const state = here?.state;
    if (here === undefined || state === undefined) break;
    here.state = undefined;
    const isLate =
      untilMs !== undefined &&
      reached.length >= leastStates &&
      at % statesBetweenLooks === 0 &&
      performance.now() > untilMs;
    if (isLate || reached.length > maxStates) return result(false);
    const isEnd = isQuiet(state, scenario);
    if (isEnd) ends.push(at);
    if (isResting(state, scenario)) resting.push(at);
    const wrong = (isEnd ? wrongAtTheEnd(state, scenario) : undefined) ?? wrongOnTheWay(state, scenario);
    if (wrong !== undefined) return result(false, wrong, at);
    for (const { state: next, label } of await transitionsOf(state, world)) {
      const key = keyOf(next);
      const index = known.get(key) ?? reached.length;
      steps.push(at, index);
      if (index < reached.length) continue;
      known.set(key, index);
      reached.push({ state: next, from: at, label });
    }
  }
  const stuck = stuckState(reached.length, steps, ends, resting);
  return stuck === undefined ? result(true) : result(true, 'nothing leads to an end from here', stuck);
}

function scheduleTo(at: number, reached: readonly Reached[]): string[] {
  const lines: string[] = [];
  for (let step = reached[at]; step !== undefined && step.from >= 0; step = reached[step.from])
    lines.push(step.label());
  return lines.toReversed();
}

/** A state from which no end can be reached: the first in which nothing is under way, if there is one. */
function stuckState(
  states: number,
  steps: readonly number[],
  ends: readonly number[],
  resting: readonly number[],
): number | undefined {
  const endsWell = new Uint8Array(states);
  for (const at of ends) endsWell[at] = 1;
  // Most steps lead to a later state, so going through them from the last to the first takes few rounds.
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (let step = steps.length - 2; step >= 0; step -= 2) {
      const [from = 0, to = 0] = [steps[step], steps[step + 1]];
      if (endsWell[to] === 0 || endsWell[from] === 1) continue;
      endsWell[from] = 1;
      isChanged = true;
    }
  }
  const stuck = endsWell.indexOf(0);
  return stuck < 0 ? undefined : (resting.find((at) => endsWell[at] === 0) ?? stuck);
}
