import { type RecordSetContent, type RecordSetKey, recordSetId } from '../../../src/dns/record-set.ts';
import { type Call, throughQueue } from '../in-memory-azure.ts';
import { type Ablation, isSkipped, isUnconditional, sent, stored } from './ablation.ts';
import type { Answer, Failure } from './answer.ts';
import { tokenOf } from './invocation.ts';
import { policyOf } from './places.ts';
import { gone, type Live, type Scenario, type Settings, shown } from './scenario.ts';
import { contentIdOf, type Running, recordSetsOf, type State, type Stored, task } from './state.ts';

/** Zones of a scenario differ by name. */
export const idOf = ({ zone, type, name }: RecordSetKey): string => `${type} ${name} ${zone.name}`;

/** @returns `undefined` for a group that is gone. */
export function liveOf(
  scenario: Scenario,
  { changed }: Pick<State, 'changed'>,
  groupKey: string,
): Live | undefined {
  const latest = scenario.changes.slice(0, changed).findLast(({ group }) => group.key === groupKey);
  if (latest === undefined) return scenario.begin.get(groupKey);
  const { address, hostTag, isOptedOut = false } = latest;
  return address === undefined ? undefined : { address, hostTag, isOptedOut };
}

/** What an invocation finds in its app settings when it begins. */
export const settingsOf = (scenario: Scenario, { mapped }: Pick<State, 'mapped'>): Settings =>
  scenario.mapChanges[mapped - 1] ?? scenario.settings;

export interface Performed {
  readonly state: State;
  readonly self: Running;
  readonly answers: readonly Answer[];
  /** Tells these answers from others to the same calls. */
  readonly key: string;
}

/** One of the calls that an invocation waits with, and how it fails. */
export interface FailingCall {
  readonly call: Call;
  readonly failure: Failure;
}

/** Performs the calls that an invocation waits with, at one moment. The invocation itself is not moved on. */
export function performCalls(
  before: State,
  running: Running,
  scenario: Scenario,
  ablation: Ablation,
  failing?: FailingCall,
): Performed {
  let state = before;
  let fresh = running.fresh;
  const answers: Answer[] = [];
  const keys: string[] = [];
  const answer = (given: Answer, key: string) => {
    answers.push(given);
    keys.push(key);
  };
  for (const call of running.point.calls) {
    const isSilent = scenario.isReverseSilent && 'key' in call && call.key.type === 'PTR';
    const failure = call === failing?.call ? failing.failure : isSilent ? 'refused' : undefined;
    if (failure !== undefined) {
      answer({ kind: failure }, failure);
      continue;
    }
    switch (call.kind) {
      case 'readGroup': {
        const live = liveOf(scenario, state, call.group.key);
        const key = live === undefined ? 'gone' : Object.values(live).join('/');
        answer({ kind: 'group', live: live === undefined ? gone : shown(live) }, key);
        break;
      }
      case 'read': {
        const id = idOf(call.key);
        const found = state.sets.byId.get(id);
        const token = tokenOf(running.point.answers.length + answers.length);
        // A pass begins with A; what was read before it does not guard a write any more.
        const kept =
          recordSetId(call.key) === running.point.ownA ? [] : [...fresh].filter(([known]) => known !== id);
        fresh = new Map(found === undefined ? kept : [...kept, [id, token]]);
        answer({ kind: 'set', content: found?.content }, String(found?.contentId ?? 0));
        break;
      }
      case 'requeue': {
        const message = sent(ablation, call.message, running.task);
        if (message !== undefined) {
          const { group, addresses, recordSets } = throughQueue(message, call.delayMs).message;
          const queued = { task: task(group, addresses, recordSets), dueMs: state.nowMs + call.delayMs };
          state = { ...state, queued: [...state.queued, queued] };
        }
        answer({ kind: 'done' }, 'done');
        break;
      }
      default: {
        const result = write(state, call, fresh.get(idOf(call.key)), ablation);
        if (result !== undefined && result !== state)
          fresh = new Map([...fresh].filter(([id]) => id !== idOf(call.key)));
        if (result !== undefined && result !== state)
          state = { ...result, forbidden: forbiddenBy(running, call, state) ?? state.forbidden };
        const kind = result === undefined ? 'changed' : 'done';
        answer({ kind }, kind);
      }
    }
  }
  return { state, self: { ...running, fresh }, answers, key: keys.join() };
}

/** What the policy of an invocation does not allow of a write that takes effect; `undefined` when it allows it. */
function forbiddenBy(
  { point: { request } }: Running,
  call: Extract<Call, { kind: 'create' | 'update' | 'delete' }>,
  before: State,
): string | undefined {
  const policy = policyOf(request.group, request.settings);
  if (policy === 'sync') return undefined;
  if (policy === 'observe' || call.kind === 'delete') return `${call.kind} under ${policy}`;
  const had = before.sets.byId.get(idOf(call.key))?.content.values ?? [];
  const takes = call.key.type === 'PTR' && had.some((name) => !call.to.values.includes(name));
  return takes ? `a name is taken out of a PTR under ${policy}` : undefined;
}

/** @returns `undefined` when the condition does not hold. */
function write(
  state: State,
  call: Extract<Call, { kind: 'create' | 'update' | 'delete' }>,
  freshToken: string | undefined,
  ablation: Ablation,
): State | undefined {
  const id = idOf(call.key);
  const found = state.sets.byId.get(id);
  if (call.kind === 'delete' && found === undefined) return state;
  if (isSkipped(ablation, call, found?.content)) return state;
  const holds = call.kind === 'create' ? found === undefined : freshToken === call.from.etag;
  if (!holds && !isUnconditional(ablation, call)) return undefined;
  return call.kind === 'delete'
    ? without(state, id)
    : withContent(state, call.key, stored(ablation, call.to));
}

export function withContent(state: State, key: RecordSetKey, content: RecordSetContent): State {
  const id = idOf(key);
  const set: Stored = { key, content, contentId: contentIdOf(content) };
  return { ...overtaken(state, id), sets: recordSetsOf(new Map(state.sets.byId).set(id, set)) };
}

export function without(state: State, id: string): State {
  const sets = new Map(state.sets.byId);
  sets.delete(id);
  return { ...overtaken(state, id), sets: recordSetsOf(sets) };
}

/** Whoever read the record set before does not hold its ETag any more. */
function overtaken(state: State, id: string): State {
  const running = state.running.map((other) => {
    if (!other.fresh.has(id)) return other;
    return { ...other, fresh: new Map([...other.fresh].filter(([known]) => known !== id)) };
  });
  return { ...state, running };
}
