import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { describeError, MissingPermissionError, RefusedCallError, ThrottledError } from '../lib/errors.ts';
import type { Registry } from '../registries/registry.ts';
import type { Replica } from '../registries/replica.ts';
import { isTransitional } from './findings.ts';
import { countsAsChange, withOutcome, withoutChange } from './intent.ts';
import { tagsFor } from './ownership-tag.ts';
import type { ReviewPorts } from './ports.ts';
import { clipped, type Intent, type ReplicaState, type ReviewState } from './state.ts';

/** What became of a planned change. */
export interface ApplyResult {
  readonly outcome: Intent['outcome'];
  readonly detail: string;
  /** The replica by id, after the change; `undefined` when it was not read. */
  readonly seen: Replica | undefined;
  /** The identity may not write; other changes of the registry would be refused too. */
  readonly refusal: MissingPermissionError | undefined;
}

/** A change that begins later than this might still be on its way when the next run looks. */
const leastMs = 2_000;

/**
 * Sends one change, after a look by id whether it is still called for, and reads the result back. Never fails.
 *
 * | what happens                                                     | outcome     |
 * |------------------------------------------------------------------|-------------|
 * | no time, no answer to the look, gone, changed by somebody, busy  | `notSent` |
 * | 401, 403                                                         | `refused`   |
 * | 429                                                              | `notSent` |
 * | any other refusal, or a change that Azure began and gave up      | `failed`    |
 * | no answer, 5xx                                                   | `uncertain` |
 * | accepted, and not completed in time                              | `running`   |
 * | completed                                                        | `done`      |
 */
export async function applyChange(
  registry: Registry,
  name: string,
  intent: Intent,
  { reader, writer }: Pick<ReviewPorts, 'reader' | 'writer'>,
  deadline: Deadline,
): Promise<ApplyResult> {
  const notSent = (detail: string, seen?: Replica): ApplyResult => ({
    outcome: 'notSent',
    detail,
    seen,
    refusal: undefined,
  });
  const bounded = <T>(work: Promise<T>): Promise<T> => unlessAborted(deadline.signal, work);
  if (deadline.remainingMs() < leastMs) return notSent('no time was left');
  let before: Replica | undefined;
  try {
    before = await bounded(reader.readReplica(registry, name, deadline));
  } catch (error) {
    return notSent(describeError(error));
  }
  if (before === undefined) return notSent('the replication no longer exists');
  const blocker = blockerIn(before, intent);
  if (blocker !== undefined) return notSent(blocker, before);
  if (deadline.remainingMs() < leastMs) return notSent('no time was left', before);
  try {
    const enabled = intent.to === 'enabled';
    const tags = tagsFor(intent, before.tags);
    const outcome = await bounded(writer.setGlobalRouting(registry, name, { enabled, tags }, deadline));
    if (outcome === 'running') return { outcome, detail: 'accepted', seen: undefined, refusal: undefined };
    return { ...(await readBack(registry, name, intent, reader, deadline)), outcome, refusal: undefined };
  } catch (error) {
    const detail = describeError(error);
    const common = { detail, seen: undefined, refusal: undefined };
    if (error instanceof MissingPermissionError) return { ...common, outcome: 'refused', refusal: error };
    if (error instanceof ThrottledError) return notSent(detail);
    return { ...common, outcome: error instanceof RefusedCallError ? 'failed' : 'uncertain' };
  }
}

/** Why a change is no longer called for. */
function blockerIn({ globalRouting, provisioningState }: Replica, { to }: Intent): string | undefined {
  if (globalRouting === 'unknown') return 'Azure does not report whether it is routed';
  if (globalRouting === to) return `somebody else changed it first: it is ${to}`;
  return isTransitional(provisioningState) ? `a change is in progress: ${provisioningState}` : undefined;
}

/** Azure said that the change is done; if it reads otherwise, the next review sees that too. */
async function readBack(
  registry: Registry,
  name: string,
  { to }: Intent,
  reader: ReviewPorts['reader'],
  deadline: Deadline,
): Promise<Pick<ApplyResult, 'detail' | 'seen'>> {
  try {
    const seen = await unlessAborted(deadline.signal, reader.readReplica(registry, name, deadline));
    const reads = seen?.globalRouting ?? 'gone';
    return { seen, detail: reads === to ? 'read back' : `done, but it reads back as ${reads}` };
  } catch (error) {
    return { seen: undefined, detail: `done, but it could not be read back: ${describeError(error)}` };
  }
}

/** The state with what became of a change; one that was never made costs nothing of the budget. */
export function withApplyResult(
  state: ReviewState,
  name: string,
  { outcome, detail, seen }: Pick<ApplyResult, 'outcome' | 'detail' | 'seen'>,
): ReviewState {
  const replica = state.replicas.find((one) => one.name === name);
  if (replica?.intent === undefined) return state;
  const changed: ReplicaState = {
    ...withOutcome(replica, outcome, clipped(detail, 500)),
    routing: seen?.globalRouting ?? replica.routing,
  };
  const { intent } = replica;
  return {
    ...state,
    replicas: state.replicas.map((one) => (one === replica ? changed : one)),
    recentChanges: countsAsChange({ outcome })
      ? state.recentChanges
      : withoutChange(state.recentChanges, intent.at),
  };
}
