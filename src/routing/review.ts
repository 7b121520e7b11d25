import type { Registry } from '../registries/registry.ts';
import { clipped, type Evidence, isCommonCause, lateImagesOf, policyOf, provisioningOf } from './evidence.ts';
import { findingsOf, healthOf, raisesAtOnce, reasonsOf } from './findings.ts';
import type { Observation, ObservedReplica } from './observe.ts';
import { planChanges } from './plan.ts';
import { maxReplicas, problemsOf } from './registry-problems.ts';
import { type Resolution, resolveIntent } from './resolve-intent.ts';
import { type ReviewRules, rulesOf } from './rules.ts';
import { type ReviewEvent, signalsForReview } from './signals.ts';
import { emptyReviewState, type ReplicaState, type ReviewState } from './state.ts';
import { initialHistory, isDue, updateVerdict } from './verdict.ts';

/** What a review made of a registry. */
interface ReviewStep {
  /** With an intent for each change that was decided, and with every signal that has to be published. */
  readonly after: ReviewState;
  readonly events: readonly ReviewEvent[];
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
  const { controlPlaneError, lateImages, gone } = observation;
  const known = new Map(before?.replicas.map((replica) => [replica.name, replica]));
  const observed = observation.replicas.slice(0, maxReplicas);
  const commonCause = isCommonCause(observed.map(({ reachability }) => reachability));
  const counts = !commonCause && isDue(before?.countedAt, now, rules.intervalMs);
  const home = observation.home ?? before?.home;

  const reviewed = observed.map((one) =>
    reviewReplica(known.get(one.name), one, { registry, lateImages, counts, rules, now }),
  );
  const decided = planChanges(
    reviewed.map(({ replica }) => replica),
    {
      registry,
      changedAt: reviewed
        .flatMap(({ replica, resolutions }) =>
          resolutions.includes('forgotten') && replica.intent !== undefined ? replica.intent.at : [],
        )
        .reduce(withoutChange, inLastHour(before?.changedAt ?? [], now)),
      rules,
      home,
      isCommonCause: commonCause,
      controlPlaneError,
      now,
    },
  );
  const waiting = before?.outbox ?? [];
  const { replicas, signals, events } = signalsForReview(
    known,
    decided.replicas.map((replica, index) => [replica, reviewed[index]?.resolutions ?? []]),
    gone,
    { registry, mode, waiting, now },
  );
  const after: ReviewState = {
    ...emptyReviewState(registry.name, at, mode),
    countedAt: counts ? at : before?.countedAt,
    home,
    frozen:
      controlPlaneError === undefined
        ? undefined
        : { since: before?.frozen?.since ?? at, reason: clipped(controlPlaneError, 500) },
    commonCause,
    replicas,
    changedAt: [...decided.changedAt],
    outbox: [...waiting, ...signals].slice(-maxOutbox),
    problems: problemsOf(registry, observation, replicas),
  };
  return { after, events };
}

interface Circumstances {
  readonly registry: Registry;
  readonly lateImages: Observation['lateImages'];
  /** Whether this review counts for the hysteresis. */
  readonly counts: boolean;
  readonly rules: ReviewRules;
  readonly now: Date;
}

/** One replica after a review, before anything is decided about its routing. */
function reviewReplica(
  before: ReplicaState | undefined,
  observed: ObservedReplica,
  { registry, lateImages, counts, rules, now }: Circumstances,
): { readonly replica: ReplicaState; readonly resolutions: readonly Resolution[] } {
  const { read } = observed;
  const at = now.toISOString();
  const known = before ?? newReplica(observed, at);
  const { replica, resolutions } =
    read === undefined ? { replica: known, resolutions: [] } : resolveIntent(known, read, rules, now);

  const provisioning = read && provisioningOf(read, known.lastProvisioning, at);
  const evidence: Evidence = {
    provisioning: provisioning ?? null,
    reachability: boundedReachability(observed.reachability),
    lateImages: lateImagesOf(lateImages, observed.region),
    policy: policyOf(registry.policy, observed.region, now),
  };
  const findings = findingsOf(evidence, now);
  const reasons = reasonsOf(findings);
  const reading = healthOf(findings);
  const raises = raisesAtOnce(findings);
  // Remembered many times over, so only what tells one cause from another.
  const because = reasons.map((reason) => clipped(reason, 72));
  const history = updateVerdict(replica, { at, reading, because, raises, counts }, rules);
  const isCleared = replica.verdict.flagged && !history.verdict.flagged;
  return {
    replica: {
      ...replica,
      ...history,
      reviews: [...history.reviews],
      routing: read?.globalRouting ?? 'unread',
      evidence,
      lastProvisioning: provisioning ?? replica.lastProvisioning,
      reading,
      reasons,
      // The next flag is another matter; a contest goes on until an operator ends it.
      reversals: isCleared && replica.contested === undefined ? 0 : replica.reversals,
    },
    resolutions,
  };
}

const boundedReachability = (reachability: Evidence['reachability']): Evidence['reachability'] =>
  'reason' in reachability ? { ...reachability, reason: clipped(reachability.reason) } : reachability;

const newReplica = ({ id, name, region, reachability }: ObservedReplica, at: string): ReplicaState => {
  const { verdict } = initialHistory(at);
  return {
    id,
    name,
    region,
    routing: 'unread',
    evidence: { provisioning: null, reachability, lateImages: null, policy: null },
    reading: 'open',
    reasons: [],
    reviews: [],
    verdict,
    disabledByUs: false,
    reversals: 0,
    interlocks: [],
    action: { do: 'nothing', because: '' },
  };
};

const hourMs = 60 * 60 * 1000;

/** The changes that count for the budget. */
const inLastHour = (times: readonly string[], now: Date): string[] =>
  times.filter((time) => now.getTime() - Date.parse(time) < hourMs);

/** Gives back a change that never happened. */
export function withoutChange(times: readonly string[], given: string): string[] {
  const index = times.indexOf(given);
  return index < 0 ? [...times] : times.toSpliced(index, 1);
}
