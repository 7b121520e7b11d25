import { isInFlight } from './intent.ts';
import type { ReplicaState, ReviewState } from './state.ts';
import { encodeReviewState } from './state-codec.ts';

/**
 * The largest state, in characters of its text. Storage spreads a state over as many entities as it takes, and each of
 * them costs time in every review.
 */
const maxCharacters = 4_000_000;
/** So many replicas and signals fit in any case: each has less than 20,000 characters. Writing a state down to measure it is as dear as the review. */
const alwaysFit = 150;

/**
 * The state, without as many healthy replicas as it takes to store it. What is flagged, switched off by evenkeel, being
 * changed, contested or rehearsed is never left out. Every region of Azure fits several times over, so that this is a last resort.
 */
export function boundedState(state: ReviewState, limit = maxCharacters): ReviewState {
  const { replicas, departed, outbox } = state;
  if (limit === maxCharacters && [replicas, departed, outbox].flat().length <= alwaysFit) return state;
  let excess = encodeReviewState(state).length - limit;
  if (excess <= 0) return state;
  const rehearsed = new Set(state.rehearsals.map(({ replica }) => replica));
  const leftOut = new Set<ReplicaState>();
  // Room for the sentence that says so.
  excess += 1_500;
  for (const replica of replicas.toReversed()) {
    if (excess <= 0) break;
    if (isNeeded(replica) || rehearsed.has(replica.name)) continue;
    leftOut.add(replica);
    excess -= JSON.stringify(replica).length;
  }
  const names = [...leftOut].map(({ name }) => name).sort();
  const shown = names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and others`;
  return {
    ...state,
    replicas: replicas.filter((replica) => !leftOut.has(replica)),
    problems: [
      ...state.problems,
      `the review of ${state.registry} is too large to be stored; ${names.length} healthy replicas are left out of it: ${shown}`,
    ],
  };
}

const isNeeded = ({ verdict, disabledByUs, intent, contested, reversals }: ReplicaState): boolean =>
  verdict.flagged || disabledByUs || isInFlight(intent) || contested !== undefined || reversals > 0;
