import type { Carried } from './apply.ts';
import { without } from './change-times.ts';
import { clipped } from './evidence.ts';
import type { ReplicaState } from './replica-state.ts';
import { withOutcome } from './resolve-intent.ts';
import type { ReviewState } from './state.ts';

/** The state once it is known what became of a change; one that never was costs nothing of the budget. */
export function withCarried(
  state: ReviewState,
  name: string,
  { outcome, detail, seen }: Pick<Carried, 'outcome' | 'detail' | 'seen'>,
): ReviewState {
  const changed = (replica: ReplicaState): ReplicaState => ({
    ...withOutcome(replica, outcome, clipped(detail, 500)),
    routing: seen?.globalRouting ?? replica.routing,
  });
  const replicas = state.replicas.map((replica) => (replica.name === name ? changed(replica) : replica));
  const isCharged = outcome !== 'forgotten' && outcome !== 'refused';
  const { at } = state.replicas.find((replica) => replica.name === name)?.intent ?? { at: '' };
  return { ...state, replicas, changedAt: isCharged ? state.changedAt : without(state.changedAt, at) };
}
