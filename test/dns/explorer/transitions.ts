import { addressOf as addressOfName, normalizedName } from '../../../src/dns/names.ts';
import { fullName } from '../../../src/dns/record-set.ts';
import { hostOf, minuteMs } from '../fixtures.ts';
import type { Ablation } from './ablation.ts';
import { describeStep } from './describe.ts';
import type { Answer, Invocations } from './invocation.ts';
import { addressOf, idOf, type Performed, performCalls, withContent, without } from './perform.ts';
import type { Budget, Scenario } from './scenario.ts';
import { type Running, type State, type Task, task } from './state.ts';

export interface World {
  readonly scenario: Scenario;
  readonly budget: Budget;
  readonly ablation: Ablation;
  readonly invocations: Invocations;
}

/** Something that may happen, and the world after it. */
export interface Transition {
  readonly label: () => string;
  readonly state: State;
}

/** Everything that may happen next. */
export async function transitionsOf(state: State, world: World): Promise<Transition[]> {
  const found = surroundings(state, world);
  if (state.running.length < world.budget.running) {
    for (const due of distinct(state.due))
      found.push(await begin({ ...state, due: dropOne(state.due, due) }, due, false, world));
    if (state.left.duplicates > 0) {
      const left = { ...state.left, duplicates: state.left.duplicates - 1 };
      for (const raised of state.raised.values())
        found.push(await begin({ ...state, left }, raised, true, world));
    }
  }
  for (const running of state.running) {
    const others = state.running.filter((other) => other !== running);
    const rest = { ...state, running: others };
    found.push(await step(rest, running, world));
    const [call] = running.point.calls;
    const isWrite = call !== undefined && ['create', 'update', 'delete'].includes(call.kind);
    if (isWrite && state.left.lostAnswers > 0) {
      const left = { ...state.left, lostAnswers: state.left.lostAnswers - 1 };
      for (const tookEffect of [true, false])
        found.push(await lose({ ...rest, left }, running, tookEffect, world));
    }
    if (running.point.hasJustActed && state.left.crashes > 0) {
      const due = [...rest.due, running.task];
      const left = { ...state.left, crashes: state.left.crashes - 1 };
      found.push({ label: () => `${nameOf(running)} crashes`, state: { ...rest, due, left } });
    }
  }
  return found;
}

/** What happens around the invocations. */
function surroundings(state: State, { scenario }: World): Transition[] {
  const found: Transition[] = [];
  const change = scenario.changes[state.changed];
  if (change !== undefined) {
    const label = () =>
      `${change.group.name} ${change.address === undefined ? 'is deleted' : `is at ${change.address} now`}`;
    found.push({ label, state: raise({ ...state, changed: state.changed + 1 }, [task(change.group)]) });
  }
  const other = scenario.otherWrites[state.otherWritten];
  if (other !== undefined) {
    const written =
      other.kind === 'put' ? withContent(state, other.set.key, other.set) : without(state, idOf(other.key));
    const { key } = other.kind === 'put' ? other.set : other;
    const label = () =>
      `another writer ${other.kind === 'put' ? `writes ${other.set.values} to` : 'removes'} ${key.type} ${fullName(key)}`;
    found.push({ label, state: { ...written, otherWritten: state.otherWritten + 1 } });
  }
  if (state.running.length > 0) return found;
  if (state.queued.length > 0) {
    const later = { ...state, queued: [], nowMs: state.nowMs + 2 * minuteMs };
    found.push({ label: () => 'two minutes pass', state: raise(later, state.queued) });
  }
  const isOver = found.length === 0 && state.due.length === 0;
  if (isOver && !state.isAudited) {
    const tasks = scenario.groups.map((group) => task(group, strayAddresses(state, scenario, group)));
    found.push({
      label: () => 'the audit tells what it found',
      state: raise({ ...state, isAudited: true }, tasks),
    });
  }
  return found;
}

/** Where a PTR names a group that is elsewhere. */
function strayAddresses(state: State, scenario: Scenario, group: Task['group']): string[] {
  const host = hostOf(group);
  const addresses = [...state.sets.byId.values()].flatMap(({ key, content }) => {
    const address = key.type === 'PTR' ? addressOfName(fullName(key)) : undefined;
    const names = content.values.some((name) => normalizedName(name) === host);
    return address !== undefined && names && address !== addressOf(scenario, state.changed, group.key)
      ? [address]
      : [];
  });
  return addresses.toSorted();
}

function raise(state: State, tasks: readonly Task[]): State {
  const raised = new Map(state.raised);
  for (const each of tasks) raised.set(each.key, each);
  return { ...state, due: [...state.due, ...tasks], raised };
}

/** To begin changes nothing, so the first call is part of it. */
async function begin(
  state: State,
  { key, ...due }: Task,
  isDuplicate: boolean,
  world: World,
): Promise<Transition> {
  const point = await world.invocations.start({ ...due, nowMs: state.nowMs });
  const number = state.started + 1;
  const running: Running = { point, task: { ...due, key }, fresh: new Map(), number };
  const { label, state: next } = await step({ ...state, started: number }, running, world);
  return {
    label: () => `${label()}   <- begins${isDuplicate ? ', a duplicate' : ''}`,
    state: next,
  };
}

async function step(rest: State, running: Running, world: World): Promise<Transition> {
  const performed = performCalls(rest, running, world.scenario, world.ablation);
  return moveOn(performed, performed.answers, performed.key, world);
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
  const advanced = invocations.advance(self.point, answers, key);
  const point = advanced instanceof Promise ? await advanced : advanced;
  const label = () =>
    `${nameOf(self)} ${describeStep(self.point.calls, answers)}${point.end === undefined ? '' : `; it ${point.end}`}`;
  if (point.end === undefined)
    return { label, state: { ...state, running: [...state.running, { ...self, point }] } };
  const isDueAgain = point.end === 'failed';
  return { label, state: isDueAgain ? { ...state, due: [...state.due, self.task] } : state };
}

const nameOf = ({ task: { group, hints }, number }: Running): string =>
  `#${number} (${group.name}${hints.length === 0 ? '' : `, hints ${hints}`})`;

const distinct = (tasks: readonly Task[]): Task[] => [
  ...new Map(tasks.map((each) => [each.key, each])).values(),
];

function dropOne(tasks: readonly Task[], { key }: Task): Task[] {
  const at = tasks.findIndex((each) => each.key === key);
  return tasks.filter((_, index) => index !== at);
}
