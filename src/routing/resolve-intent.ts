import type { Replica } from '../registries/replica.ts';
import { isTransitional } from './findings.ts';
import { isInFlight, withOutcome } from './intent.ts';
import { carriesStamp, resumeRequest } from './ownership-tag.ts';
import type { ReviewSettings } from './review-settings.ts';
import type { ReplicaState } from './state.ts';

/** What a read by id revealed about earlier changes, ours and those of others. */
export type Resolution = 'finished' | 'failed' | 'notSent' | 'reversed' | 'contested' | 'resumed';

interface ResolvedReplica {
  readonly replica: ReplicaState;
  readonly resolutions: readonly Resolution[];
}

type ResolveRules = Pick<ReviewSettings, 'runMs' | 'contestLimit'>;

/** Brings what is remembered of a replica into agreement with what was just read: first our own change, then others'. */
export function resolveIntent(
  before: ReplicaState,
  seen: Replica,
  rules: ResolveRules,
  now: Date,
): ResolvedReplica {
  const outcome = intentOutcome(before, seen, rules, now);
  const known = outcome === undefined ? before : withOutcome(before, outcome);
  const own: readonly Resolution[] = outcome === undefined ? [] : [outcome === 'done' ? 'finished' : outcome];

  const wasOffBetween = outcome === 'failed' && wasAccepted(before, seen);
  const isReversed = (known.disabledByUs || wasOffBetween) && seen.globalRouting === 'enabled';
  const reversed = isReversed ? afterReversal(known, seen, rules, now) : { replica: known, resolutions: [] };

  const resumed = afterResume(reversed.replica, seen);
  return {
    replica: resumed.replica,
    resolutions: [...own, ...reversed.resolutions, ...resumed.resolutions],
  };
}

/** Clocks of two instances differ, and a request that was sent in time may arrive a little later. */
const marginMs = 5_000;

/**
 * What became of the last change; `undefined` when nothing new can be said.
 *
 * | so far               | the replica                                          | becomes     |
 * |----------------------|------------------------------------------------------|-------------|
 * | any                  | does not say whether it is routed                    | –           |
 * | in flight, on        | is on                                                | `done`      |
 * | in flight, off       | is off, and carries our stamp or accepted the change | `done`      |
 * | in flight            | is otherwise, and is being changed                   | –           |
 * | in flight            | is otherwise, and the run that wrote it may still act | –          |
 * | `pending`            | is otherwise                                         | `notSent` |
 * | `uncertain`          | is otherwise                                         | `failed`    |
 * | `running`            | is otherwise                                         | `failed`; a reversal where {@link wasAccepted} |
 * | given up, off        | is off with our stamp: the change came late          | `done`      |
 * | given up, on         | is on: likewise                                      | `done`      |
 */
function intentOutcome(
  { intent, disabledByUs }: ReplicaState,
  { globalRouting, tags, provisioningState }: Replica,
  { runMs }: ResolveRules,
  now: Date,
): 'done' | 'failed' | 'notSent' | undefined {
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
  return intent.outcome === 'pending' ? 'notSent' : 'failed';
}

/**
 * Azure accepted a change, and it is provisioned at the next look. Where that does not show a change to off, somebody
 * was quick to reverse it. If the change was only slow, its stamp makes it ours when it comes.
 */
const wasAccepted = ({ intent }: ReplicaState, { provisioningState }: Replica): boolean =>
  intent?.outcome === 'running' && provisioningState === 'Succeeded';

/**
 * Somebody else switched on what we switched off. Against a flag that is a reversal, which may begin a contest;
 * without one it is what we want too.
 */
function afterReversal(
  replica: ReplicaState,
  { lastModifiedBy }: Replica,
  { contestLimit }: ResolveRules,
  now: Date,
): ResolvedReplica {
  const at = now.toISOString();
  const returned: ReplicaState = { ...replica, disabledByUs: false, reversedAt: at };
  if (!replica.verdict.flagged) return { replica: returned, resolutions: [] };
  const reversals = replica.reversals + 1;
  if (reversals < contestLimit) return { replica: { ...returned, reversals }, resolutions: ['reversed'] };
  return {
    replica: { ...returned, reversals, contested: { since: at, lastModifiedBy } },
    resolutions: replica.contested === undefined ? ['reversed', 'contested'] : ['reversed'],
  };
}

/** An operator ends a contest by a tag; the value that ended one contest ends no other. */
function afterResume(replica: ReplicaState, { tags }: Replica): ResolvedReplica {
  const resumedBy = resumeRequest(tags);
  const isResumed =
    replica.contested !== undefined && resumedBy !== undefined && resumedBy !== replica.resumedBy;
  if (!isResumed) return { replica, resolutions: [] };
  return { replica: { ...replica, contested: undefined, reversals: 0, resumedBy }, resolutions: ['resumed'] };
}
