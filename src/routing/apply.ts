import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { MissingPermissionError, RefusedCallError, ThrottledError } from '../lib/errors.ts';
import type { RegistryReader, ReplicaWriter } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Replica } from '../registries/replica.ts';
import { clipped } from './evidence.ts';
import { isTransitional } from './findings.ts';
import { type Intent, tagsFor } from './intent.ts';
import { describeError } from './message.ts';
import { withOutcome } from './resolve-intent.ts';
import { withoutChange } from './review.ts';
import type { ReplicaState, ReviewState } from './state.ts';

interface CarryOutPorts {
  readonly reader: RegistryReader;
  readonly writer: ReplicaWriter;
}

/** What became of a change that was decided. */
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
 * | no time, no answer to the look, gone, changed by somebody, busy  | `forgotten` |
 * | 401, 403                                                         | `refused`   |
 * | 429                                                              | `forgotten` |
 * | any other refusal, or a change that Azure began and gave up      | `failed`    |
 * | no answer, 5xx                                                   | `uncertain` |
 * | accepted, and not at its end in time                             | `running`   |
 * | done                                                             | `done`      |
 */
export async function applyChange(
  registry: Registry,
  name: string,
  intent: Intent,
  { reader, writer }: CarryOutPorts,
  deadline: Deadline,
): Promise<ApplyResult> {
  const forgotten = (detail: string, seen?: Replica): ApplyResult => ({
    outcome: 'forgotten',
    detail,
    seen,
    refusal: undefined,
  });
  const bounded = <T>(work: Promise<T>): Promise<T> => unlessAborted(deadline.signal, work);
  if (deadline.remainingMs() < leastMs) return forgotten('no time was left');
  let before: Replica | undefined;
  try {
    before = await bounded(reader.readReplica(registry, name, deadline));
  } catch (error) {
    return forgotten(describeError(error));
  }
  if (before === undefined) return forgotten('it is gone');
  const obstacle = blockerIn(before, intent);
  if (obstacle !== undefined) return forgotten(obstacle, before);
  if (deadline.remainingMs() < leastMs) return forgotten('no time was left', before);
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
    if (error instanceof ThrottledError) return forgotten(detail);
    return { ...common, outcome: error instanceof RefusedCallError ? 'failed' : 'uncertain' };
  }
}

function blockerIn({ globalRouting, provisioningState }: Replica, { to }: Intent): string | undefined {
  if (globalRouting === 'unknown') return 'Azure does not say whether it is routed';
  if (globalRouting === to) return `somebody else was first: it is ${to}`;
  return isTransitional(provisioningState) ? `a change is under way: ${provisioningState}` : undefined;
}

/** Azure said that it is done; should it read otherwise, the next review sees that too. */
async function readBack(
  registry: Registry,
  name: string,
  { to }: Intent,
  reader: RegistryReader,
  deadline: Deadline,
): Promise<Pick<ApplyResult, 'detail' | 'seen'>> {
  try {
    const seen = await unlessAborted(deadline.signal, reader.readReplica(registry, name, deadline));
    const reads = seen?.globalRouting ?? 'gone';
    return { seen, detail: reads === to ? 'read back' : `done, and read back as ${reads}` };
  } catch (error) {
    return { seen: undefined, detail: `done, and not read back: ${describeError(error)}` };
  }
}

/** The state once it is known what became of a change; one that never was costs nothing of the budget. */
export function withApplyResult(
  state: ReviewState,
  name: string,
  { outcome, detail, seen }: Pick<ApplyResult, 'outcome' | 'detail' | 'seen'>,
): ReviewState {
  const changed = (replica: ReplicaState): ReplicaState => ({
    ...withOutcome(replica, outcome, clipped(detail, 500)),
    routing: seen?.globalRouting ?? replica.routing,
  });
  const replicas = state.replicas.map((replica) => (replica.name === name ? changed(replica) : replica));
  const isCharged = outcome !== 'forgotten' && outcome !== 'refused';
  const { at } = state.replicas.find((replica) => replica.name === name)?.intent ?? { at: '' };
  return { ...state, replicas, changedAt: isCharged ? state.changedAt : withoutChange(state.changedAt, at) };
}
