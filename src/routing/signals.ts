import type { Registry } from '../registries/registry.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { resumeCommand, routingCommands } from './commands.ts';
import type { Resolution } from './resolve-intent.ts';
import type { RoutingMode } from './rules.ts';
import type { ReplicaState } from './state.ts';

/** Something worth a line in the log. */
export interface ReviewEvent {
  readonly replica: string;
  readonly region: string;
  readonly kind: Resolution | 'flagged' | 'cleared' | 'gone';
}

interface ReviewSignals {
  readonly replicas: ReplicaState[];
  readonly signals: readonly Signal[];
  readonly events: readonly ReviewEvent[];
}

interface Circumstances {
  readonly registry: Registry;
  readonly mode: RoutingMode;
  /** Signals of earlier reviews that are still to be published. */
  readonly waiting: readonly Signal[];
  readonly now: Date;
}

/**
 * What is told of a review.
 *
 * | flag before | flag after | told                                                        |
 * |-------------|------------|-------------------------------------------------------------|
 * | no          | yes        | flagged                                                     |
 * | yes         | yes        | flagged again, at most once an hour                         |
 * | yes         | no         | cleared                                                     |
 * | yes         | the replica is gone | cleared                                            |
 *
 * A contest that begins is told as contested besides.
 */
export function signalsForReview(
  known: ReadonlyMap<string, ReplicaState>,
  reviewed: readonly (readonly [ReplicaState, readonly Resolution[]])[],
  gone: ReadonlySet<string>,
  { waiting, ...context }: Circumstances,
): ReviewSignals {
  const signals: Signal[] = [];
  const events: ReviewEvent[] = [];
  const replicas = reviewed.map(([replica, resolutions]): ReplicaState => {
    const { name, region, verdict } = replica;
    const was = known.get(name)?.verdict;
    const happened = (kind: ReviewEvent['kind']) => events.push({ replica: name, region, kind });
    resolutions.forEach(happened);
    if (resolutions.includes('contested')) signals.push(contestedSignal(replica, context));
    if (!verdict.flagged) {
      if (was?.flagged === true) {
        signals.push(clearedSignal(replica, was.since, 'recovered', context));
        happened('cleared');
      }
      return replica;
    }
    const isRaised = was?.flagged !== true;
    if (isRaised) happened('flagged');
    if (!isRaised && !isRepeatDue(replica, waiting, context.now)) return replica;
    signals.push(flaggedSignal(replica, context));
    return { ...replica, toldAt: context.now.toISOString() };
  });
  for (const name of gone) {
    const replica = known.get(name);
    if (replica === undefined) continue;
    events.push({ replica: name, region: replica.region, kind: 'gone' });
    const { verdict } = replica;
    if (verdict.flagged) signals.push(clearedSignal(replica, verdict.since, 'gone', context));
  }
  return { replicas, signals, events };
}

const flagged = 'evenkeel.replica.flagged';
const cleared = 'evenkeel.replica.cleared';
const contested = 'evenkeel.replica.contested';
/** A flag that stays is told again after this time, and not before. */
const repeatMs = 60 * 60 * 1000;
/** Latencies and addresses make one cause read like many. */
const maxCauses = 6;

interface Context {
  readonly registry: Registry;
  readonly mode: RoutingMode;
  readonly now: Date;
}

/** One event for each hour that a flag stands. */
function flaggedSignal(replica: ReplicaState, { registry, mode, now }: Context): Signal {
  const { since } = replica.verdict;
  const hour = Math.floor((now.getTime() - Date.parse(since)) / repeatMs);
  return signal(flagged, [since, String(hour)], registry, replica, {
    ...verdictOf(replica),
    mode,
    interlocks: replica.interlocks,
    action: replica.action,
    routing: replica.routing,
  });
}

/** @param reason `recovered`, or `gone` for a replica that no longer exists. */
function clearedSignal(
  replica: ReplicaState,
  flaggedSince: string,
  reason: 'recovered' | 'gone',
  { registry, mode }: Context,
): Signal {
  return signal(cleared, [flaggedSince], registry, replica, {
    ...verdictOf(replica),
    mode,
    reason,
    flaggedSince,
    interlocks: replica.interlocks,
    action: replica.action,
    routing: replica.routing,
  });
}

/** Somebody keeps switching on what is flagged; evenkeel stopped. */
function contestedSignal(replica: ReplicaState, { registry, mode, now }: Context): Signal {
  const since = replica.contested?.since ?? now.toISOString();
  return signal(contested, [since], registry, replica, {
    ...verdictOf(replica),
    mode,
    contestedSince: since,
    reversals: replica.reversals,
    lastModifiedBy: replica.contested?.lastModifiedBy ?? null,
    resume: resumeCommand(replica.id, now),
  });
}

/** Whether a standing flag is due to be told again, and no telling of it is waiting to be published already. */
const isRepeatDue = ({ id, toldAt }: ReplicaState, waiting: readonly Signal[], now: Date): boolean =>
  (toldAt === undefined || now.getTime() - Date.parse(toldAt) >= repeatMs) &&
  !waiting.some(({ type, subject }) => type === flagged && subject === id);

const verdictOf = ({ verdict, reasons, evidence }: ReplicaState) => ({
  verdict: verdict.flagged ? 'flagged' : 'ok',
  since: verdict.since,
  reasons,
  evidence,
  /** Those that led to the verdict, oldest first, and what they found. */
  reviews: verdict.reviews.map(({ at, reading }) => ({ at, reading })),
  because: [...new Set(verdict.reviews.flatMap(({ because }) => because))].slice(-maxCauses),
});

const signal = (
  type: Signal['type'],
  facts: readonly string[],
  registry: Registry,
  { id, name, region }: ReplicaState,
  data: Signal['data'],
): Signal => ({
  id: signalId(type, [id.toLowerCase(), ...facts]),
  type,
  source: registry.id,
  subject: id,
  data: {
    registry: registry.name,
    replica: name,
    region,
    ...data,
    commands: routingCommands(registry, name),
  },
});
