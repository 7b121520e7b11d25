import type { Region } from '../registries/replica.ts';
import { isReady } from './evidence.ts';
import { isTransitional } from './findings.ts';
import { isInFlight, lastChangeAt } from './intent.ts';
import type { ReviewSettings } from './review-settings.ts';
import { clipped, type Interlock, type ReplicaState } from './state.ts';

/** A change that may be made, with everything that its interlocks look at. */
export interface ProposedChange {
  readonly to: 'enabled' | 'disabled';
  readonly replica: ReplicaState;
  /** Every other replica of the registry, as this review found it. */
  readonly others: readonly ReplicaState[];
  readonly minimumRoutable: number;
  readonly home: Region | undefined;
  readonly isCommonCause: boolean;
  /** Why Resource Manager did not answer; `undefined` when it did. */
  readonly controlPlaneError: string | undefined;
  /** Changes of the registry in the last hour, including those that this review has planned. */
  readonly recentChangeCount: number;
  readonly rules: Pick<ReviewSettings, 'changesPerHour' | 'holdDownMs' | 'contestLimit'>;
  readonly now: Date;
}

/**
 * | rule              | refuses                                                                 | to      |
 * |-------------------|-------------------------------------------------------------------------|---------|
 * | `minimumRoutable` | unless enough other replicas serve                                      | disable |
 * | `commonCause`     | while every endpoint seems unreachable                                  | both    |
 * | `controlPlane`    | while Resource Manager does not answer                                  | both    |
 * | `changeBudget`    | after as many changes of the registry in an hour as the setting allows  | both    |
 * | `holdDown`        | for a while after the replica's last change or reversal                 | both    |
 * | `anotherWriter`   | what somebody else switched off, contests, or is changing               | both    |
 * | `homeRegion`      | never; it warns                                                         | –       |
 *
 * All of them are evaluated, so that people see every rule that stands in the way and not only the first.
 */
export const evaluateInterlocks = (change: ProposedChange): Interlock[] => [
  minimumRoutable(change),
  commonCause(change),
  controlPlane(change),
  changeBudget(change),
  holdDown(change),
  anotherWriter(change),
  homeRegion(change),
];

/** A replica is switched off only while enough others serve. */
function minimumRoutable({ to, others, minimumRoutable: needed }: ProposedChange): Interlock {
  const rule = 'minimumRoutable';
  if (to === 'enabled')
    return { rule, pass: true, detail: 'switching a replica on takes nothing out of routing' };
  const serving = others.filter(serves).length;
  return {
    rule,
    pass: serving >= needed,
    detail: `other replicas that are routed and healthy: ${serving} (at least ${needed} required)`,
  };
}

/**
 * Stricter than routed and not flagged: a replica that was last seen to be bad is no place to send traffic to, and
 * neither is one that is being seeded or offline.
 * Those that this review switches off are flagged, so that they count for none of the others.
 */
function serves({ routing, verdict, health, unrecovered, evidence, intent }: ReplicaState): boolean {
  const { state = '', displayStatus } = evidence.provisioning ?? {};
  const isThere = state === 'Updating' || !isTransitional(state);
  const isWell = health !== 'bad' && unrecovered.length === 0 && isReady(displayStatus);
  const isLeaving = isInFlight(intent) && intent?.to === 'disabled';
  return routing === 'enabled' && !verdict.flagged && isThere && isWell && !isLeaving;
}

/**
 * Whether too few others serve, even if those whose replications could not be read do. A failed read ends no rehearsal:
 * it freezes every change anyway, and an endpoint that fails besides is seen to be bad.
 */
export const isBelowMinimum = ({
  others,
  minimumRoutable: needed,
}: Pick<ProposedChange, 'others' | 'minimumRoutable'>): boolean =>
  others.filter((other) => serves(other) || isUnanswered(other)).length < needed;

/** Nothing was seen against it but that Resource Manager did not answer; a 404 would be an answer. */
function isUnanswered({
  routing,
  verdict,
  health,
  unrecovered,
  evidence,
  disabledByUs,
}: ReplicaState): boolean {
  const isUnread = routing === 'unread' && evidence.absent === undefined;
  return isUnread && !verdict.flagged && !disabledByUs && health !== 'bad' && unrecovered.length === 0;
}

/** Every replica unreachable at once says more about our own view than about the replicas. */
const commonCause = ({ isCommonCause }: ProposedChange): Interlock => ({
  rule: 'commonCause',
  pass: !isCommonCause,
  detail: isCommonCause
    ? 'no probed endpoint is reachable, so the fault may be on the way there'
    : 'the endpoints are not all unreachable',
});

/** Resource Manager of the home region is down when that region is, and nothing can be changed then. */
const controlPlane = ({ controlPlaneError }: ProposedChange): Interlock => ({
  rule: 'controlPlane',
  pass: controlPlaneError === undefined,
  detail:
    controlPlaneError === undefined
      ? 'Resource Manager answers'
      : `Resource Manager does not answer: ${clipped(controlPlaneError)}`,
});

/** A fault of our own must not go through all replicas within minutes. */
const changeBudget = ({ recentChangeCount, rules }: ProposedChange): Interlock => ({
  rule: 'changeBudget',
  pass: recentChangeCount < rules.changesPerHour,
  detail: `changes to the registry in the last hour: ${recentChangeCount} of ${rules.changesPerHour} allowed`,
});

/** Clients remember where they were sent, so that a change needs time to show its effect. */
function holdDown({ replica, rules, now }: ProposedChange): Interlock {
  const rule = 'holdDown';
  const since = lastChangeAt(replica);
  if (since === undefined) return { rule, pass: true, detail: 'no change so far' };
  const endMs = Date.parse(since) + rules.holdDownMs;
  if (now.getTime() >= endMs) return { rule, pass: true, detail: `last change at ${since}` };
  const until = new Date(endMs).toISOString();
  return { rule, pass: false, detail: `last change at ${since}; the next is allowed from ${until}` };
}

/** What somebody else decided, or is changing right now, is left alone. */
function anotherWriter({ replica, rules }: ProposedChange): Interlock {
  const { routing, disabledByUs, reversals, contested, evidence } = replica;
  const refuse = (detail: string): Interlock => ({ rule: 'anotherWriter', pass: false, detail });
  if (contested !== undefined) {
    const who = contested.lastModifiedBy ?? 'another writer';
    return refuse(`contested since ${contested.since}: ${who} reversed it ${reversals} times`);
  }
  if (routing === 'disabled' && !disabledByUs) return refuse('somebody else switched it off');
  const state = evidence.provisioning?.state;
  if (state !== undefined && isTransitional(state)) return refuse(`a change is in progress: ${state}`);
  const detail = `reversals by others: ${reversals} (contested at ${rules.contestLimit})`;
  return { rule: 'anotherWriter', pass: true, detail };
}

/** A warning, and never a refusal: the home region's replica may be switched off like any other. */
function homeRegion({ to, replica, home }: ProposedChange): Interlock {
  const rule = 'homeRegion';
  if (home === undefined) return { rule, pass: true, detail: 'the home region is not known' };
  if (replica.region !== home) return { rule, pass: true, detail: `the home region is ${home}` };
  const detail =
    to === 'disabled'
      ? 'warning: this is the home region; while it is down, routing cannot be changed back'
      : 'this is the home region';
  return { rule, pass: true, detail };
}
