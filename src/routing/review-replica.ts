import type { Registry } from '../registries/registry.ts';
import { clipped, type Evidence, lateImagesOf, policyOf, provisioningOf } from './evidence.ts';
import { findingsOf, raisesAtOnce, readingOf, reasonsOf } from './findings.ts';
import type { Observation, ObservedReplica } from './observation.ts';
import type { ReplicaState } from './replica-state.ts';
import { type Settlement, settle } from './resolve-intent.ts';
import type { ReviewRules } from './rules.ts';
import { firstJudgement, judge } from './verdict.ts';

interface Circumstances {
  readonly registry: Registry;
  readonly lateImages: Observation['lateImages'];
  /** Whether this review counts for the hysteresis. */
  readonly counts: boolean;
  readonly rules: ReviewRules;
  readonly now: Date;
}

/** One replica after a review, before anything is decided about its routing. */
export function reviewReplica(
  before: ReplicaState | undefined,
  observed: ObservedReplica,
  { registry, lateImages, counts, rules, now }: Circumstances,
): { readonly replica: ReplicaState; readonly settlements: readonly Settlement[] } {
  const { read } = observed;
  const at = now.toISOString();
  const known = before ?? newReplica(observed, at);
  const { replica, settlements } =
    read === undefined ? { replica: known, settlements: [] } : settle(known, read, rules, now);

  const provisioning = read && provisioningOf(read, known.lastProvisioning, at);
  const evidence: Evidence = {
    provisioning: provisioning ?? null,
    reachability: boundedReachability(observed.reachability),
    lateImages: lateImagesOf(lateImages, observed.region),
    policy: policyOf(registry.policy, observed.region, now),
  };
  const findings = findingsOf(evidence, now);
  const reasons = reasonsOf(findings);
  const reading = readingOf(findings);
  const raises = raisesAtOnce(findings);
  // Remembered many times over, so only what tells one cause from another.
  const because = reasons.map((reason) => clipped(reason, 72));
  const judgement = judge(replica, { at, reading, because, raises, counts }, rules);
  const isCleared = replica.verdict.flagged && !judgement.verdict.flagged;
  return {
    replica: {
      ...replica,
      ...judgement,
      reviews: [...judgement.reviews],
      routing: read?.globalRouting ?? 'unread',
      evidence,
      lastProvisioning: provisioning ?? replica.lastProvisioning,
      reading,
      reasons,
      // The next flag is another matter; a fight goes on until an operator ends it.
      reversals: isCleared && replica.fight === undefined ? 0 : replica.reversals,
    },
    settlements,
  };
}

const boundedReachability = (reachability: Evidence['reachability']): Evidence['reachability'] =>
  'reason' in reachability ? { ...reachability, reason: clipped(reachability.reason) } : reachability;

const newReplica = ({ id, name, region, reachability }: ObservedReplica, at: string): ReplicaState => {
  const { verdict } = firstJudgement(at);
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
