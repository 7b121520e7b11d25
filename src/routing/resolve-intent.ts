import type { Replica } from '../registries/replica.ts';
import { isTransitional } from './findings.ts';
import { carriesStamp, type Intent, isInFlight, resumeRequest } from './intent.ts';
import type { ReviewRules } from './rules.ts';
import type { ReplicaState } from './state.ts';

/** What a reading by id told of earlier changes, ours and those of others. */
export type Resolution = 'finished' | 'failed' | 'forgotten' | 'reversed' | 'contested' | 'resumed';

type SettleRules = Pick<ReviewRules, 'runMs' | 'contestLimit'>;

/** Clocks of two instances differ, and a request that was sent in time may arrive a little later. */
const marginMs = 5_000;

/** Brings what is remembered of a replica into agreement with what it says now. */
export function resolveIntent(
  before: ReplicaState,
  seen: Replica,
  rules: SettleRules,
  now: Date,
): { readonly replica: ReplicaState; readonly resolutions: readonly Resolution[] } {
  const resolutions: Resolution[] = [];
  let replica = before;
  const outcome = intentOutcome(before, seen, rules, now);
  if (outcome !== undefined) {
    replica = withOutcome(before, outcome);
    resolutions.push(outcome === 'done' ? 'finished' : outcome);
  }
  const wasOffBetween = outcome === 'failed' && wasAccepted(before, seen);
  if ((replica.disabledByUs || wasOffBetween) && seen.globalRouting === 'enabled') {
    const isContrary = replica.verdict.flagged;
    replica = reversed(replica, seen, rules, now);
    if (isContrary) resolutions.push('reversed');
    if (replica.contested !== undefined && before.contested === undefined) resolutions.push('contested');
  }
  const resumedBy = resumeRequest(seen.tags);
  if (replica.contested !== undefined && resumedBy !== undefined && resumedBy !== replica.resumedBy) {
    replica = { ...replica, contested: undefined, reversals: 0, resumedBy };
    resolutions.push('resumed');
  }
  return { replica, resolutions };
}

/**
 * What became of the last change; `undefined` when nothing new can be said.
 *
 * | so far               | the replica                                         | becomes     |
 * |----------------------|-----------------------------------------------------|-------------|
 * | any                  | does not say whether it is routed                   | –           |
 * | open, on             | is on                                               | `done`      |
 * | open, off            | is off, and carries our stamp or accepted the change | `done`     |
 * | open                 | is otherwise, and a change is under way             | –           |
 * | open                 | is otherwise, and the run that wrote it may be at it | –          |
 * | `pending`            | is otherwise                                        | `forgotten` |
 * | `uncertain`          | is otherwise                                        | `failed`    |
 * | `running`            | is otherwise                                        | `failed`; a reversal where {@link wasAccepted} |
 * | given up, off        | is off with our stamp: the change came late         | `done`      |
 * | given up, on         | is on: likewise                                     | `done`      |
 */
function intentOutcome(
  { intent, disabledByUs }: ReplicaState,
  { globalRouting, tags, provisioningState }: Replica,
  { runMs }: SettleRules,
  now: Date,
): 'done' | 'failed' | 'forgotten' | undefined {
  if (intent === undefined || globalRouting === 'unknown' || intent.outcome === 'done') return undefined;
  const isThere = globalRouting === intent.to;
  if (!isInFlight(intent)) {
    const isLate = isThere && (intent.to === 'enabled' ? disabledByUs : carriesStamp(tags, intent));
    return isLate ? 'done' : undefined;
  }
  // Somebody else may have switched it off since; only the stamp or the acceptance makes it ours.
  const isOurs = intent.to === 'enabled' || intent.outcome === 'running' || carriesStamp(tags, intent);
  if (isThere && isOurs) return 'done';
  if (isTransitional(provisioningState)) return undefined;
  if (now.getTime() - Date.parse(intent.at) < runMs + marginMs) return undefined;
  return intent.outcome === 'pending' ? 'forgotten' : 'failed';
}

/**
 * Azure accepted to switch it off, and it is on and provisioned at the next look: somebody was quick to take it back.
 * Should the change only have been slow, its stamp makes it ours when it comes.
 */
const wasAccepted = ({ intent }: ReplicaState, { provisioningState }: Replica): boolean =>
  intent?.outcome === 'running' && intent.to === 'disabled' && provisioningState === 'Succeeded';

/** Records what became of the last change. */
export function withOutcome(
  replica: ReplicaState,
  outcome: Intent['outcome'],
  detail?: string,
): ReplicaState {
  const { intent } = replica;
  if (intent === undefined) return replica;
  return {
    ...replica,
    intent: { ...intent, outcome, ...(detail === undefined ? {} : { detail }) },
    disabledByUs: outcome === 'done' ? intent.to === 'disabled' : replica.disabledByUs,
  };
}

/** Somebody else switched on what we switched off; against a flag that is a reversal, and else what we want too. */
function reversed(
  replica: ReplicaState,
  { lastModifiedBy }: Replica,
  rules: SettleRules,
  now: Date,
): ReplicaState {
  const at = now.toISOString();
  const taken: ReplicaState = { ...replica, disabledByUs: false, reversedAt: at };
  if (!replica.verdict.flagged) return taken;
  const reversals = replica.reversals + 1;
  if (reversals < rules.contestLimit) return { ...taken, reversals };
  return { ...taken, reversals, contested: { since: at, lastModifiedBy } };
}
