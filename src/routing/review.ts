import type { Registry } from '../registries/registry.ts';
import { inLastHour, without } from './change-times.ts';
import { clipped, isCommonCause } from './evidence.ts';
import type { Observation } from './observation.ts';
import { decideAll } from './plan.ts';
import { maxReplicas, problemsOf } from './registry-problems.ts';
import { reviewReplica } from './review-replica.ts';
import { type ReviewRules, rulesOf } from './rules.ts';
import { type Happening, tell } from './signals.ts';
import { emptyReviewState, type ReviewState } from './state.ts';
import { isDue } from './verdict.ts';

/** What a review made of a registry. */
export interface ReviewStep {
  /** With an intent for each change that was decided, and with every signal that has to be published. */
  readonly after: ReviewState;
  readonly happenings: readonly Happening[];
}

/** Many times what the flags of one registry come to; a topic that is out of order for days loses the oldest. */
const maxOutbox = 30;

/**
 * One review of one registry as a function of what was stored and what was seen.
 *
 * A review that finds a common cause, or follows another one too closely, shows its evidence and counts for nobody. A
 * silent control plane freezes decisions; verdicts go on by what the regional endpoints show.
 */
export function review(
  registry: Registry,
  before: ReviewState | undefined,
  observation: Observation,
  settings: ReviewRules,
  now: Date,
): ReviewStep {
  const rules = rulesOf(registry, settings);
  const { mode } = rules;
  const at = now.toISOString();
  const { silence, lateImages, gone } = observation;
  const known = new Map(before?.replicas.map((replica) => [replica.name, replica]));
  const observed = observation.replicas.slice(0, maxReplicas);
  const commonCause = isCommonCause(observed.map(({ reachability }) => reachability));
  const counts = !commonCause && isDue(before?.countedAt, now, rules.intervalMs);
  const home = observation.home ?? before?.home;

  const reviewed = observed.map((one) =>
    reviewReplica(known.get(one.name), one, { registry, lateImages, counts, rules, now }),
  );
  const decided = decideAll(
    reviewed.map(({ replica }) => replica),
    {
      registry,
      changedAt: reviewed
        .flatMap(({ replica, settlements }) =>
          settlements.includes('forgotten') && replica.intent !== undefined ? replica.intent.at : [],
        )
        .reduce(without, inLastHour(before?.changedAt ?? [], now)),
      rules,
      home,
      isCommonCause: commonCause,
      silence,
      now,
    },
  );
  const waiting = before?.outbox ?? [];
  const { replicas, signals, happenings } = tell(
    known,
    decided.replicas.map((replica, index) => [replica, reviewed[index]?.settlements ?? []]),
    gone,
    { registry, mode, waiting, now },
  );
  const after: ReviewState = {
    ...emptyReviewState(registry.name, at, mode),
    countedAt: counts ? at : before?.countedAt,
    home,
    frozen:
      silence === undefined
        ? undefined
        : { since: before?.frozen?.since ?? at, reason: clipped(silence, 500) },
    commonCause,
    replicas,
    changedAt: [...decided.changedAt],
    outbox: [...waiting, ...signals].slice(-maxOutbox),
    problems: problemsOf(registry, observation, replicas),
  };
  return { after, happenings };
}
