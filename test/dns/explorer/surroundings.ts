import { fullName } from '../../../src/dns/record-set.ts';
import { lifeMs, tickMs } from './clocks.ts';
import { idOf, withContent, without } from './perform.ts';
import { labelOf, type Scenario, spend } from './scenario.ts';
import { type State, type Task, task } from './state.ts';
import { type SweptType, swept } from './sweep.ts';
import { isSettled } from './truth.ts';

/** Something that may happen, and the world after it. */
export interface Transition {
  readonly label: () => string;
  readonly state: State;
}

/** What may happen around the invocations. */
export function surroundings(state: State, scenario: Scenario): Transition[] {
  const found = [
    ...changes(state, scenario),
    ...mapChanges(state, scenario),
    ...otherWrites(state, scenario),
  ];
  const isOver = found.length === 0 && state.due.length === 0 && state.queued.length === 0;
  const isLeftAlone = state.running.length === 0;
  return [
    ...found,
    ...(state.left.ticks > 0 && !isLeftAlone ? [tick(state)] : []),
    ...(isLeftAlone && state.queued.length > 0 ? [pause(state)] : []),
    ...(isLeftAlone && isOver ? sweepAtRest(state, scenario) : []),
    ...sweeps(state, scenario),
  ];
}

function changes(state: State, scenario: Scenario): Transition[] {
  const change = scenario.changes[state.changed];
  if (change === undefined) return [];
  const tag = change.hostTag === undefined ? '' : `, tagged ${change.hostTag}`;
  const off = change.isOptedOut === true ? ', and wants no record sets' : '';
  const what = change.address === undefined ? 'is deleted' : `is at ${change.address} now${tag}${off}`;
  return [
    {
      label: () => `${labelOf(change.group)} ${what}`,
      state: raise({ ...state, changed: state.changed + 1 }, [task(change.group)]),
    },
  ];
}

/** No event tells of it. */
function mapChanges(state: State, scenario: Scenario): Transition[] {
  const next = scenario.mapChanges[state.mapped];
  if (next === undefined) return [];
  return [{ label: () => `the map changes: ${next.name}`, state: { ...state, mapped: state.mapped + 1 } }];
}

function otherWrites(state: State, scenario: Scenario): Transition[] {
  const other = scenario.otherWrites[state.otherWritten];
  if (other === undefined) return [];
  const written =
    other.kind === 'put' ? withContent(state, other.set.key, other.set) : without(state, idOf(other.key));
  const { key } = other.kind === 'put' ? other.set : other;
  const what = other.kind === 'put' ? `writes ${other.set.values} to` : 'removes';
  return [
    {
      label: () => `another writer ${what} ${key.type} ${fullName(key)}`,
      state: { ...written, otherWritten: state.otherWritten + 1 },
    },
  ];
}

/** A step of time. Its invocations that are too old end where they stand, and their events come again. */
function tick(state: State): Transition {
  const nowMs = state.nowMs + tickMs;
  const isDead = ({ begunMs }: State['running'][number]) => nowMs - begunMs > lifeMs;
  const dead = state.running.filter(isDead);
  const numbers = dead.map(({ number }) => `#${number}`).join(' and ');
  const running = state.running.filter((each) => !isDead(each));
  const left = spend(state.left, 'ticks');
  const rest = { ...state, nowMs, running, left, due: [...state.due, ...dead.map((each) => each.task)] };
  return {
    label: () => `${tickMs / 1000} s pass${dead.length > 0 ? `, and ${numbers} is too old` : ''}`,
    state: withVisible(rest),
  };
}

/** Nothing is under way until the next message of the queue becomes visible. */
function pause(state: State): Transition {
  const nowMs = Math.max(state.nowMs, Math.min(...state.queued.map(({ dueMs }) => dueMs)));
  return {
    label: () => `${(nowMs - state.nowMs) / 1000} s pass`,
    state: withVisible({ ...state, nowMs }),
  };
}

function withVisible(state: State): State {
  const visible = state.queued.filter(({ dueMs }) => dueMs <= state.nowMs);
  if (visible.length === 0) return state;
  const queued = state.queued.filter((each) => !visible.includes(each));
  return raise(
    { ...state, queued },
    visible.map((each) => each.task),
  );
}

/** The audit tells what it sees now; each finding is an event. */
function sweep(state: State, scenario: Scenario, types?: readonly SweptType[]): Transition {
  const found = swept(state, scenario, types);
  const what = found.length === 0 ? 'nothing' : found.map(({ key }) => key).join(' and ');
  const where = types === undefined ? '' : ', and cannot list the reverse zones';
  return { label: () => `the audit finds ${what}${where}`, state: raise(state, found) };
}

/** Sweeps at any time, of all zones, or of those that answer. */
function sweeps(state: State, scenario: Scenario): Transition[] {
  if (state.left.sweeps === 0 || !isSettled(state, scenario)) return [];
  const rest = { ...state, left: spend(state.left, 'sweeps') };
  return [
    sweep(rest, scenario),
    ...(rest.left.reverseFailures === 0
      ? []
      : [sweep({ ...rest, left: spend(rest.left, 'reverseFailures') }, scenario, ['A'])]),
  ];
}

/** What the audit finds has to end: one that finds as much again and again leads nowhere. */
const maxFindingSweeps = 3;

function sweepAtRest(state: State, scenario: Scenario): Transition[] {
  if (!state.sweepsAtRest || state.findingSweeps === maxFindingSweeps) return [];
  return [sweep({ ...state, findingSweeps: state.findingSweeps + 1 }, scenario)];
}

function raise(state: State, tasks: readonly Task[]): State {
  const raised = new Map(state.raised);
  for (const each of tasks) raised.set(each.key, each);
  return { ...state, due: [...state.due, ...tasks], raised };
}
