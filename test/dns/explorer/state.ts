import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import { type RecordSetContent, type RecordSetKey, recordSetId } from '../../../src/dns/record-set.ts';
import { now } from '../fixtures.ts';
import type { Answer } from './answer.ts';
import type { Point } from './invocation.ts';
import { labelOf, type Scenario, type Troubles } from './scenario.ts';

/** A record set, and a number that stands for its content. */
export interface Stored {
  readonly key: RecordSetKey;
  readonly content: RecordSetContent;
  readonly contentId: number;
}

/** A container group that has to be looked at, by an event or a message of the queue. */
export interface Task {
  readonly group: ContainerGroupId;
  readonly hints: readonly string[];
  readonly recordSets: readonly RecordSetKey[];
  readonly key: string;
}

export const task = (
  group: ContainerGroupId,
  hints: readonly string[] = [],
  recordSets: readonly RecordSetKey[] = [],
): Task => ({
  group,
  hints,
  recordSets,
  key: `${labelOf(group)} ${[...hints, ...recordSets.map(recordSetId)].join(' ')}`,
});

/** A task that a message of the queue stands for, and when it becomes visible. */
export interface Queued {
  readonly task: Task;
  readonly dueMs: number;
}

export interface Running {
  readonly point: Point;
  readonly task: Task;
  /** By record set id, the tokens of this pass that still stand for what is there. */
  readonly fresh: ReadonlyMap<string, string>;
  readonly begunMs: number;
  /** Its calls took effect, and their answers are on their way. */
  readonly slow?: SlowAnswers | undefined;
  /** For people only. */
  readonly number: number;
}

export interface SlowAnswers {
  readonly answers: readonly Answer[];
  readonly key: string;
  readonly sinceMs: number;
}

/** The whole world at one moment, as plain data. */
export interface State {
  readonly sets: RecordSets;
  /** How many platform changes and other writes have happened. */
  readonly changed: number;
  readonly otherWritten: number;
  /** How often the map has changed. */
  readonly mapped: number;
  readonly running: readonly Running[];
  /** What has to be delivered until it succeeds. */
  readonly due: readonly Task[];
  /** What may be delivered once more. Whatever is delivered is repeated until it succeeds. */
  readonly raised: ReadonlyMap<string, Task>;
  /** Messages of the queue that are not visible yet. */
  readonly queued: readonly Queued[];
  readonly left: Troubles;
  /** The audit has something to tell, and comes when nothing else is under way. */
  readonly sweepsAtRest: boolean;
  /** Sweeps that came when nothing else was under way, and found something. */
  readonly findingSweeps: number;
  readonly nowMs: number;
  /** What an invocation wrote although its policy does not allow it. */
  readonly forbidden: string | undefined;
  /** For people only. */
  readonly started: number;
}

/** Where another writer, the map or a tag puts something wrong that no event tells of. */
const needsAudit = ({ otherWrites, mapChanges, begin, changes }: Scenario): boolean =>
  otherWrites.length > 0 ||
  mapChanges.length > 0 ||
  [...begin.values(), ...changes].some(({ hostTag }) => hostTag !== undefined);

const numbers = new Map<string, number>();

/** A small number instead of a long text, the same for the same text. */
function numberOf(text: string): number {
  const number = numbers.get(text) ?? numbers.size + 1;
  numbers.set(text, number);
  return number;
}

/** The same number for the same content. */
export function contentIdOf({ values, ttlSeconds, metadata }: RecordSetContent): number {
  const entries = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return numberOf(JSON.stringify([values, ttlSeconds, entries]));
}

/** All record sets of a state, by id, and a number that stands for them. */
export interface RecordSets {
  readonly byId: ReadonlyMap<string, Stored>;
  readonly id: number;
}

export const recordSetsOf = (byId: ReadonlyMap<string, Stored>): RecordSets => ({
  byId,
  id: numberOf(sorted([...byId].map(([id, { contentId }]) => `${id}=${contentId}`))),
});

const sorted = (parts: readonly string[]): string => (parts.length < 2 ? parts : parts.toSorted()).join();

export function initialState(scenario: Scenario, left: Troubles, idOf: (key: RecordSetKey) => string): State {
  const due = scenario.events.map((group) => task(group));
  return {
    sets: recordSetsOf(
      new Map(
        scenario.recordSets.map(({ key, values, ttlSeconds, metadata }) => {
          const content = { values, ttlSeconds, metadata };
          return [idOf(key), { key, content, contentId: contentIdOf(content) }];
        }),
      ),
    ),
    changed: 0,
    otherWritten: 0,
    mapped: 0,
    running: [],
    due,
    raised: new Map(due.map((raised) => [raised.key, raised])),
    queued: [],
    left,
    sweepsAtRest: left.sweeps === 0 && needsAudit(scenario),
    findingSweeps: 0,
    nowMs: now.getTime(),
    forbidden: undefined,
    started: 0,
  };
}

/** The same text for states from which the same can happen. */
export function keyOf({ sets, running, due, raised, queued, left, ...state }: State): string {
  const keys = (tasks: readonly Task[]) =>
    tasks.length === 0 ? 0 : numberOf(sorted(tasks.map(({ key }) => key)));
  const invocations = running.map(({ point, task: { key }, fresh, begunMs, slow }) => {
    const held = numberOf(sorted([...fresh.keys()]));
    const onItsWay = slow === undefined ? '' : `/${slow.key}@${slow.sinceMs}`;
    return `${point.id}/${numberOf(key)}/${held}/${state.nowMs - begunMs}${onItsWay}`;
  });
  return [
    sets.id,
    sorted(invocations),
    keys(due),
    left.duplicates > 0 ? keys([...raised.values()]) : 0,
    queued.length === 0 ? 0 : numberOf(sorted(queued.map(({ task: { key }, dueMs }) => `${key}@${dueMs}`))),
    `${left.duplicates},${left.crashes},${left.lostAnswers},${left.reverseFailures},${left.ticks},${left.slowAnswers},${left.wrongClocks},${left.sweeps}`,
    `${state.changed},${state.otherWritten},${state.mapped},${state.findingSweeps},${state.nowMs},${state.forbidden ?? ''}`,
  ].join('|');
}
