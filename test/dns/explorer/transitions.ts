import { recordSetId } from '../../../src/dns/record-set.ts';
import type { Call } from '../in-memory-azure.ts';
import type { Ablation } from './ablation.ts';
import { type Answer, failures } from './answer.ts';
import { clockAllowanceMs } from './clocks.ts';
import { describeStep, nameOf as nameOfSet } from './describe.ts';
import type { Invocations } from './invocation.ts';
import { type FailingCall, type Performed, performCalls, settingsOf } from './perform.ts';
import { type Budget, labelOf, type Scenario, spend } from './scenario.ts';
import type { Running, SlowAnswers, State, Task } from './state.ts';
import { surroundings, type Transition } from './surroundings.ts';

export interface World {
  readonly scenario: Scenario;
  readonly budget: Budget;
  readonly ablation: Ablation;
  readonly invocations: Invocations;
}

/** Everything that may happen next. */
export async function transitionsOf(state: State, world: World): Promise<Transition[]> {
  const found = surroundings(state, world.scenario);
  if (state.running.length < world.budget.running) {
    for (const due of distinct(state.due))
      found.push(...(await begin({ ...state, due: dropOne(state.due, due) }, due, false, world)));
    if (state.left.duplicates > 0) {
      const left = spend(state.left, 'duplicates');
      for (const raised of state.raised.values())
        found.push(...(await begin({ ...state, left }, raised, true, world)));
    }
  }
  for (const running of state.running) {
    const rest = { ...state, running: state.running.filter((other) => other !== running) };
    if (running.slow !== undefined) {
      if (running.slow.sinceMs < state.nowMs) found.push(await arrive(rest, running, running.slow, world));
      continue;
    }
    found.push(await step(rest, running, world));
    found.push(...(await mishaps(rest, running, world)));
  }
  return found;
}

/** What may go wrong with the next step of an invocation. */
async function mishaps(rest: State, running: Running, world: World): Promise<Transition[]> {
  const found: Transition[] = [];
  const { calls, hasJustActed } = running.point;
  if (rest.left.lostAnswers > 0 && calls.some(isWrite)) {
    const left = spend(rest.left, 'lostAnswers');
    for (const tookEffect of [true, false])
      found.push(await lose({ ...rest, left }, running, tookEffect, world));
  }
  if (rest.left.reverseFailures > 0) {
    const left = spend(rest.left, 'reverseFailures');
    for (const call of calls.filter((each) => isBesideA(each, running.task)))
      for (const failure of failures)
        found.push(await step({ ...rest, left }, running, world, { call, failure }));
  }
  if (rest.left.slowAnswers > 0 && rest.left.ticks > 0 && calls.some(isRead))
    found.push(delay({ ...rest, left: spend(rest.left, 'slowAnswers') }, running, world));
  if (rest.left.crashes > 0 && hasJustActed) {
    const due = [...rest.due, running.task];
    const left = spend(rest.left, 'crashes');
    found.push({ label: () => `${nameOf(running)} crashes`, state: { ...rest, due, left } });
  }
  return found;
}

const isRead = ({ kind }: Call): boolean => kind === 'read';

const isWrite = ({ kind }: Call): boolean => kind !== 'read' && kind !== 'readGroup';

/** Also at record sets that the task names, its own A among them, and at other owners. */
function isBesideA(call: Call, { group, recordSets }: Task): boolean {
  if (call.kind === 'readGroup') return call.group.key !== group.key;
  if (call.kind === 'requeue') return false;
  const isNamed = () => recordSets.some((named) => recordSetId(named) === recordSetId(call.key));
  return call.key.type === 'PTR' || isNamed();
}

/** To begin changes nothing, so the first call is part of it. */
async function begin(
  state: State,
  task: Task,
  isDuplicate: boolean,
  { invocations, ...world }: World,
): Promise<Transition[]> {
  const { scenario, ablation } = world;
  const { group, hints, recordSets } = task;
  const settings = settingsOf(scenario, state);
  if (settings.zones.spokeOf(group) === undefined)
    return [{ label: () => `the event of ${labelOf(group)} is accepted: no spoke has it`, state }];
  const number = state.started + 1;
  const found: Transition[] = [];
  for (const aheadMs of clocksOf(state, ablation)) {
    const left = aheadMs === 0 ? state.left : spend(state.left, 'wrongClocks');
    const nowMs = state.nowMs + aheadMs;
    const point = await invocations.start({ group, hints, recordSets, nowMs, settings });
    const running: Running = { point, task, fresh: new Map(), begunMs: state.nowMs, number };
    const { label, state: next } = await step({ ...state, left, started: number }, running, {
      ...world,
      invocations,
    });
    const remarks = [
      'begins',
      ...(isDuplicate ? ['a duplicate'] : []),
      ...(aheadMs === 0
        ? []
        : [`its clock ${Math.abs(aheadMs) / 1000} s ${aheadMs > 0 ? 'ahead' : 'behind'}`]),
    ];
    found.push({ label: () => `${label()}   <- ${remarks.join(', ')}`, state: next });
  }
  return found;
}

/** What an invocation's clock may be ahead by. Only what runs at the same time has to agree about the age of a stamp. */
function clocksOf({ left, running }: State, { clocksDifferByMs = clockAllowanceMs }: Ablation): number[] {
  return left.wrongClocks > 0 && running.length > 0 ? [0, clocksDifferByMs, -clocksDifferByMs] : [0];
}

async function step(rest: State, running: Running, world: World, failing?: FailingCall): Promise<Transition> {
  const performed = performCalls(rest, running, world.scenario, world.ablation, failing);
  return moveOn(performed, performed.answers, performed.key, world);
}

/** The calls take effect now, and the invocation hears of it later. */
function delay(rest: State, running: Running, { scenario, ablation }: World): Transition {
  const { state, self, answers, key } = performCalls(rest, running, scenario, ablation);
  const slow = { answers, key, sinceMs: state.nowMs };
  return {
    label: () => `${nameOf(running)} ${describeStep(running.point.calls, answers)}, and hears of it later`,
    state: { ...state, running: [...state.running, { ...self, slow }] },
  };
}

async function arrive(
  rest: State,
  running: Running,
  { answers, key }: SlowAnswers,
  world: World,
): Promise<Transition> {
  const self = { ...running, slow: undefined };
  const { state } = await moveOn({ state: rest, self, answers, key }, answers, key, world);
  return { label: () => `${nameOf(running)} hears of it`, state };
}

async function lose(rest: State, running: Running, tookEffect: boolean, world: World): Promise<Transition> {
  const performed = performCalls(rest, running, world.scenario, world.ablation);
  const after = tookEffect ? performed : { ...performed, state: rest, self: running };
  return moveOn(
    after,
    performed.answers.map((): Answer => ({ kind: 'uncertain' })),
    'uncertain',
    world,
  );
}

async function moveOn(
  { state, self }: Performed,
  answers: readonly Answer[],
  key: string,
  { invocations }: World,
): Promise<Transition> {
  const advanced = invocations.advance(self.point, answers, state.nowMs - self.begunMs, key);
  const point = advanced instanceof Promise ? await advanced : advanced;
  const label = () =>
    `${nameOf(self)} ${describeStep(self.point.calls, answers)}${point.end === undefined ? '' : `; it ${point.end}`}`;
  if (point.end === undefined)
    return { label, state: { ...state, running: [...state.running, { ...self, point }] } };
  const isDueAgain = point.end === 'failed';
  return { label, state: isDueAgain ? { ...state, due: [...state.due, self.task] } : state };
}

const nameOf = ({ task: { group, hints, recordSets }, number }: Running): string => {
  const named = [...hints, ...recordSets.map(nameOfSet)];
  return `#${number} (${[labelOf(group), ...named].join(', ')})`;
};

const distinct = (tasks: readonly Task[]): Task[] => [
  ...new Map(tasks.map((each) => [each.key, each])).values(),
];

function dropOne(tasks: readonly Task[], { key }: Task): Task[] {
  const at = tasks.findIndex((each) => each.key === key);
  return tasks.filter((_, index) => index !== at);
}
