import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { evaluateInterlocks } from './interlocks.ts';
import type { Observation } from './observe.ts';
import { hasBegun, refusingRules } from './rehearsal.ts';
import { review } from './review.ts';
import { type ReviewSettings, settingsFor } from './review-settings.ts';
import { emptyReviewState, type Interlock, type ReplicaState, type ReviewState } from './state.ts';

/** Whether a replica may be taken out of global routing now. */
export type RehearsalCheck =
  | { readonly kind: 'noReplica' }
  /** Resource Manager did not say whether there is one. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'checked';
      readonly replica: ReplicaState;
      /** Every one of them, whatever they say. */
      readonly interlocks: readonly Interlock[];
      /** The rules that refuse. A rehearsal that has begun is refused by `minimumRoutable` alone. */
      readonly refusedBy: readonly string[];
    };

/**
 * Evaluates every interlock for a replica, as the next review would. What was stored gives the verdicts, the budget and
 * the hold-down; all else was just observed. The look counts for no verdict, and nothing of it is kept.
 */
export function checkRehearsal(
  registry: Registry,
  before: ReviewState | undefined,
  observation: Observation,
  settings: ReviewSettings,
  region: Region,
  now: Date,
): RehearsalCheck {
  const at = now.toISOString();
  const known = before ?? emptyReviewState(registry.name, at, settings.mode);
  // As a review that follows another one too closely, and that plans nothing.
  const uncounted = { ...known, countedAt: at };
  const { after } = review(registry, uncounted, observation, { ...settings, mode: 'flag' }, now);
  const replica = after.replicas.find((one) => one.region === region);
  const { controlPlaneError } = observation;
  if (replica === undefined) return { kind: controlPlaneError === undefined ? 'noReplica' : 'unknown' };
  if (replica.evidence.absent === 'notListed') return { kind: 'noReplica' };
  if (replica.routing === 'unread' && controlPlaneError === undefined) return { kind: 'unknown' };

  const rules = settingsFor(registry, settings);
  const ofOthers = known.rehearsals.filter((one) => one.replica !== replica.name);
  const others = after.replicas
    .filter((one) => one !== replica)
    .map((one) => (ofOthers.some(({ replica: name }) => name === one.name) ? leaving(one) : one));
  const waiting = ofOthers.filter((one) => !hasBegun(one)).length;
  const interlocks = evaluateInterlocks({
    to: 'disabled',
    replica,
    others,
    minimumRoutable: registry.minimumRoutable,
    home: after.home,
    isCommonCause: after.commonCause,
    controlPlaneError,
    recentChangeCount: after.recentChanges.length + (rules.mode === 'enforce' ? waiting : 0),
    rules,
    now,
  });
  const own = known.rehearsals.find((one) => one.replica === replica.name);
  const refusedBy = refusingRules(interlocks).filter(
    (rule) => own === undefined || !hasBegun(own) || rule === 'minimumRoutable',
  );
  return { kind: 'checked', replica, interlocks, refusedBy };
}

/** A replica that another rehearsal takes out, now or with the next review, serves nobody. */
const leaving = (replica: ReplicaState): ReplicaState => ({
  ...replica,
  verdict: { ...replica.verdict, flagged: true },
});
