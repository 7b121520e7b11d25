import type { Registry } from '../registries/registry.ts';
import type { Replica } from '../registries/replica.ts';
import { departedAfter, goneReplicas, inheritedReplica } from './departed.ts';
import {
  boundedReachability,
  isCommonCause,
  isFilled,
  lateImagesOf,
  policyOf,
  provisioningOf,
} from './evidence.ts';
import {
  awaitedWitnesses,
  badKinds,
  findingsOf,
  healthOf,
  raisesAtOnce,
  reasonsOf,
  witnessedKinds,
} from './findings.ts';
import { changesInLastHour, countsAsChange, withoutChange } from './intent.ts';
import { boundedHearsay, throttledTimes } from './notes.ts';
import type { Observation, ObservedReplica } from './observe.ts';
import { planChanges } from './plan.ts';
import { judgePulls } from './pull-evidence.ts';
import { problemsOf } from './registry-problems.ts';
import { decideRehearsals, hasBegun, type RehearsalChange, rehearsalPolicy } from './rehearsal.ts';
import { type Resolution, resolveIntent } from './resolve-intent.ts';
import { type ReviewSettings, settingsFor } from './review-settings.ts';
import { withReviewMark } from './review-strip.ts';
import { type ReviewEvent, signalsForReview } from './signals.ts';
import {
  clipped,
  type Evidence,
  emptyReviewState,
  type Rehearsal,
  type ReplicaState,
  type ReviewState,
} from './state.ts';
import { boundedState } from './state-size.ts';
import { initialHistory, isDue, union, updateVerdict } from './verdict.ts';

/** What a review made of a registry. */
interface ReviewStep {
  /** The state with an intent for each planned change, and with every signal that has to be published. */
  readonly after: ReviewState;
  readonly events: readonly ReviewEvent[];
}

/** Many times what the flags of one replica come to; a topic that is down for days loses the oldest. */
const maxSignalsPerReplica = 5;
const minOutbox = 30;

/**
 * One review of one registry as a function of what was stored and what was observed: verdicts, then the plan, then
 * what there is to report.
 *
 * A review that finds a common cause, or follows another one too closely, shows its evidence and counts for nobody.
 * While the control plane does not answer, nothing is changed; verdicts still follow the regional endpoints.
 */
export function review(
  registry: Registry,
  before: ReviewState | undefined,
  observation: Observation,
  settings: ReviewSettings,
  now: Date,
): ReviewStep {
  const rules = settingsFor(registry, settings);
  const { mode } = rules;
  const at = now.toISOString();
  const { controlPlaneError, lateImages } = observation;
  const known = new Map(before?.replicas.map((replica) => [replica.name, replica]));
  const commonCause = isCommonCause(observation.replicas.map(({ reachability }) => reachability));
  const counts = !commonCause && isDue(before?.countedAt, now, rules.intervalMs);
  const home = observation.home ?? before?.home;

  const pulls = pullsOf(registry, observation);
  const reviewWith = (one: ObservedReplica, rehearsal: Rehearsal | undefined) =>
    reviewReplica(known.get(one.name) ?? inheritedReplica(before?.departed ?? [], one, now), one, {
      ...{ registry, rehearsal, lateImages, pull: pulls.get(one), counts, rules, now, at },
    });
  const looked = observation.replicas.map((one) => ({ one, ...reviewWith(one, undefined) }));
  const gone = goneReplicas(looked.map(({ replica }) => replica));
  const present = looked.filter(({ replica }) => !gone.includes(replica));
  const recentChanges = timesOfUnsent(present).reduce(
    withoutChange,
    changesInLastHour([...(before?.recentChanges ?? []), ...timesOfLate(present, known)], now),
  );
  const circumstances = { rules, home, isCommonCause: commonCause, controlPlaneError, now };
  const decided = decideRehearsals(
    before?.rehearsals ?? [],
    present.map(({ replica }) => replica),
    new Set(gone.map(({ name }) => name)),
    {
      ...circumstances,
      minimumRoutable: registry.minimumRoutable,
      recentChangeCount: recentChanges.length,
    },
  );
  const reviewed = present.map(({ one, ...look }): ReviewedReplica => {
    const rehearsal = decided.rehearsals.find(({ replica }) => replica === one.name);
    return rehearsal !== undefined && hasBegun(rehearsal) ? reviewWith(one, rehearsal) : look;
  });
  const plan = planChanges(
    reviewed.map(({ replica }) => replica),
    { registry, recentChanges, ...circumstances },
  );
  const heard = boundedHearsay(observation.hearsay ?? {});
  const waiting = before?.outbox ?? [];
  const { replicas, signals, events } = signalsForReview(
    known,
    plan.replicas.map((replica, index) => [replica, reviewed[index]?.resolutions ?? []]),
    new Set(gone.map(({ name }) => name)),
    { registry, mode, heard, waiting, now },
  );
  const after: ReviewState = {
    ...emptyReviewState(registry.name, at, mode),
    countedAt: counts ? at : before?.countedAt,
    home,
    controlPlaneError:
      controlPlaneError === undefined
        ? undefined
        : { since: before?.controlPlaneError?.since ?? at, reason: clipped(controlPlaneError, 500) },
    commonCause,
    commonCauseSince: commonCause ? (before?.commonCauseSince ?? at) : undefined,
    ...heard,
    replicas: replicas.map((replica) => withReviewMark(replica, commonCause, now)),
    departed: departedAfter(before?.departed ?? [], gone, replicas, now),
    rehearsals: [...decided.rehearsals],
    recentChanges: [...plan.recentChanges],
    outbox: [...waiting, ...signals].slice(-Math.max(minOutbox, maxSignalsPerReplica * replicas.length)),
  };
  const problems = problemsOf(registry, observation, after);
  const problemsSince = Object.fromEntries(
    problems.map((problem) => [problem, before?.problemsSince[problem] ?? at]),
  );
  return {
    after: boundedState({ ...after, problems, problemsSince }),
    events: [...decided.changes.map(rehearsalEvent), ...events],
  };
}

/** Empty where nothing is to be pulled. */
function pullsOf(
  { probe }: Registry,
  { replicas, probeImage }: Observation,
): ReadonlyMap<ObservedReplica, Evidence['pull']> {
  if (probe !== 'pull') return new Map();
  const judged = judgePulls(
    probeImage,
    replicas.map(({ region, pull, read }) => ({
      region,
      pull,
      isFilled: read !== undefined && isFilled(read),
    })),
  );
  return new Map(replicas.map((one, index) => [one, judged[index]]));
}

const rehearsalEvent = ({ kind, rehearsal: { replica, region } }: RehearsalChange): ReviewEvent => ({
  replica,
  region,
  kind,
});

interface ReviewContext {
  readonly registry: Registry;
  /** The rehearsal of the replica that has begun. */
  readonly rehearsal: Rehearsal | undefined;
  readonly lateImages: Observation['lateImages'];
  readonly pull: Evidence['pull'];
  /** Whether this review counts for the hysteresis. */
  readonly counts: boolean;
  readonly rules: ReviewSettings;
  readonly now: Date;
  /** `now` as text. */
  readonly at: string;
}

interface ReviewedReplica {
  readonly replica: ReplicaState;
  readonly resolutions: readonly Resolution[];
}

/** One replica after a review, before anything is planned about its routing. */
function reviewReplica(
  before: ReplicaState | undefined,
  observed: ObservedReplica,
  { registry, rehearsal, lateImages, pull, counts, rules, now, at }: ReviewContext,
): ReviewedReplica {
  const { read } = observed;
  const known = before ?? newReplica(observed, at);
  const { replica, resolutions } =
    read === undefined ? { replica: known, resolutions: [] } : resolveIntent(known, read, rules, now);

  const provisioning = read && provisioningOf(read, known.lastProvisioning, at);
  const evidence: Evidence = {
    provisioning: provisioning ?? null,
    absent: observed.absent,
    reachability: boundedReachability(observed.reachability),
    pull,
    lateImages: lateImagesOf(lateImages, observed.region),
    policy:
      policyOf(registry.policy, observed.region, now) ?? (rehearsal ? rehearsalPolicy(rehearsal) : null),
  };
  const findings = findingsOf(evidence, now);
  const reasons = reasonsOf(findings);
  const health = healthOf(findings, requiredKinds(replica));
  const raises = raisesAtOnce(findings);
  const bad = badKinds(findings);
  const unrecovered = counts ? unrecoveredAfter(replica, findings) : replica.unrecovered;
  // Remembered many times over, so only what tells one cause from another.
  const because = reasons.map((reason) => clipped(reason, 72));
  // A flag that is raised while the replica is still off by our hand waits for what the one before it waited for, too.
  const owed = requiredKinds({ ...replica, unrecovered });
  const current = { at, health, because, bad, owed, raises, counts };
  const { verdict, reviews } = updateVerdict(replica, current, rules);
  const isCleared = replica.verdict.flagged && !verdict.flagged;
  return {
    replica: {
      ...replica,
      verdict,
      reviews: [...reviews],
      routing: read?.globalRouting ?? 'unread',
      evidence,
      lastProvisioning: provisioning ?? replica.lastProvisioning,
      health,
      reasons,
      awaits: awaitedWitnesses(findings, requiredKinds({ ...replica, verdict, unrecovered })),
      unrecovered,
      throttledAt: throttledTimes(replica.throttledAt, evidence, now),
      isBeingCreated: isBeingCreated(replica, read),
      absences: absencesAfter(replica, observed, counts),
      // The next flag is another matter; a contest goes on until an operator ends it.
      reversals: isCleared && replica.contested === undefined ? 0 : replica.reversals,
    },
    resolutions,
  };
}

/**
 * The kinds of evidence that need a witness for a good review: those of the flag, also after it was cleared while the
 * replica is still off by our hand, and those that were last seen to be bad.
 */
const requiredKinds = ({
  verdict,
  disabledByUs,
  unrecovered,
}: Pick<ReplicaState, 'verdict' | 'disabledByUs' | 'unrecovered'>): string[] =>
  union(verdict.flagged || disabledByUs ? verdict.kinds : [], unrecovered);

function unrecoveredAfter({ unrecovered }: ReplicaState, findings: ReturnType<typeof findingsOf>): string[] {
  const witnessed: readonly string[] = witnessedKinds(findings);
  return union(unrecovered, badKinds(findings)).filter((kind) => !witnessed.includes(kind));
}

/** `undefined` for no, as it is stored. */
function isBeingCreated(before: ReplicaState, read: Replica | undefined): ReplicaState['isBeingCreated'] {
  if (read?.provisioningState === 'Creating') return true;
  return read?.provisioningState === 'Succeeded' ? undefined : before.isBeingCreated;
}

/** A replica that is there, or that the list shows, is not absent; where nothing was answered, nothing is known. */
function absencesAfter(
  { absences }: ReplicaState,
  { read, absent }: ObservedReplica,
  counts: boolean,
): number | undefined {
  if (read !== undefined || absent === 'listed') return undefined;
  return absent === 'notListed' && counts ? (absences ?? 0) + 1 : absences;
}

const newReplica = ({ id, name, region, reachability }: ObservedReplica, at: string): ReplicaState => ({
  id,
  name,
  region,
  routing: 'unread',
  evidence: { provisioning: null, reachability, lateImages: null, policy: null },
  health: 'inconclusive',
  reasons: [],
  awaits: [],
  reviews: [],
  verdict: initialHistory(at).verdict,
  unrecovered: [],
  disabledByUs: false,
  reversals: 0,
  interlocks: [],
  action: { do: 'nothing', because: '' },
});

/** Times of changes that were given up, cost nothing, and took effect after all. */
const timesOfLate = (
  reviewed: readonly ReviewedReplica[],
  known: ReadonlyMap<string, ReplicaState>,
): string[] =>
  reviewed.flatMap(({ replica: { name, intent }, resolutions }) => {
    const before = known.get(name)?.intent;
    const wasFree = before !== undefined && !countsAsChange(before);
    return wasFree && intent !== undefined && resolutions.includes('finished') ? intent.at : [];
  });

/** Times of changes that turned out never to have been sent. */
const timesOfUnsent = (reviewed: readonly ReviewedReplica[]): string[] =>
  reviewed.flatMap(({ replica, resolutions }) =>
    resolutions.includes('notSent') && replica.intent !== undefined ? replica.intent.at : [],
  );
