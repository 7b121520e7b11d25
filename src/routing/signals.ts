import type { Registry } from '../registries/registry.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { infrastructureCode, resumeCommand, routingCommands } from './commands.ts';
import { notesOf } from './notes.ts';
import type { RehearsalChange } from './rehearsal.ts';
import type { Resolution } from './resolve-intent.ts';
import type { RoutingMode } from './review-settings.ts';
import type { ReplicaState, ReviewState, Verdict } from './state.ts';

/** Something that a review found to have happened, for the log. */
export interface ReviewEvent {
  readonly replica: string;
  readonly region: string;
  readonly kind: Resolution | RehearsalChange['kind'] | 'flagged' | 'cleared' | 'gone' | 'rolledBack';
}

interface ReviewSignals {
  /** Each with the time at which its flag was last signalled. */
  readonly replicas: readonly ReplicaState[];
  readonly signals: readonly Signal[];
  readonly events: readonly ReviewEvent[];
}

interface SignalContext {
  readonly registry: Registry;
  readonly mode: RoutingMode;
  /** What others told of the registry. */
  readonly heard: Pick<ReviewState, 'availability' | 'route'>;
  /** Signals of earlier reviews that are still to be published. */
  readonly waiting: readonly Signal[];
  readonly now: Date;
}

/**
 * The signals and events of one review.
 *
 * | flag before | flag after          | signal                                  |
 * |-------------|---------------------|-----------------------------------------|
 * | no          | yes                 | flagged                                 |
 * | yes         | yes                 | flagged again under the same id, at most once an hour |
 * | yes         | no                  | cleared                                 |
 * | yes         | the replica is gone | cleared                                 |
 *
 * A contest that begins has its own signal besides.
 *
 * @param known the replicas of the last review, by name.
 */
export function signalsForReview(
  known: ReadonlyMap<string, ReplicaState>,
  reviewed: readonly (readonly [ReplicaState, readonly Resolution[]])[],
  gone: ReadonlySet<string>,
  context: SignalContext,
): ReviewSignals {
  const present = reviewed.map(([replica, resolutions]) =>
    signalsForReplica(known.get(replica.name), replica, resolutions, context),
  );
  const removed = [...gone]
    .flatMap((name) => known.get(name) ?? [])
    .map((replica) => signalsForRemoved(replica, context));
  return {
    replicas: present.map(({ replica }) => replica),
    signals: [...present, ...removed].flatMap(({ signals }) => signals),
    events: [...present, ...removed].flatMap(({ events }) => events),
  };
}

interface ReplicaSignals {
  readonly replica: ReplicaState;
  readonly signals: readonly Signal[];
  readonly events: readonly ReviewEvent[];
}

function signalsForReplica(
  before: ReplicaState | undefined,
  replica: ReplicaState,
  resolutions: readonly Resolution[],
  context: SignalContext,
): ReplicaSignals {
  const resolved = resolutions.map((kind) => eventOf(replica, kind));
  const { contested: contest } = replica;
  const contests =
    contest !== undefined && resolutions.includes('contested')
      ? [contestedSignal(replica, contest, context)]
      : [];
  const wasFlagged = before?.verdict.flagged === true;
  if (!replica.verdict.flagged) {
    if (!wasFlagged) return { replica, signals: contests, events: resolved };
    const recovered = clearedSignal(replica, before.verdict, 'recovered', context);
    return {
      replica,
      signals: [...contests, recovered],
      events: [...resolved, eventOf(replica, 'cleared')],
    };
  }
  const events = wasFlagged ? resolved : [...resolved, eventOf(replica, 'flagged')];
  if (wasFlagged && !isRepeatDue(replica, context)) return { replica, signals: contests, events };
  const repeats = wasFlagged ? (replica.repeats ?? 0) + 1 : 0;
  return {
    replica: { ...replica, reportedAt: context.now.toISOString(), repeats },
    signals: [...contests, flaggedSignal(replica, repeats, context)],
    events,
  };
}

function signalsForRemoved(replica: ReplicaState, context: SignalContext): ReplicaSignals {
  const { verdict, isBeingCreated } = replica;
  return {
    replica,
    signals: verdict.flagged ? [clearedSignal(replica, verdict, 'gone', context)] : [],
    events: [eventOf(replica, isBeingCreated === true ? 'rolledBack' : 'gone')],
  };
}

const eventOf = ({ name, region }: ReplicaState, kind: ReviewEvent['kind']): ReviewEvent => ({
  replica: name,
  region,
  kind,
});

const flagged = 'evenkeel.replica.flagged';
const cleared = 'evenkeel.replica.cleared';
const contested = 'evenkeel.replica.contested';
/** A standing flag is signalled again after this time. */
const repeatMs = 60 * 60 * 1000;
/** Latencies and addresses make one cause read like many. */
const maxCauses = 6;

/** Whether a standing flag is due to be signalled again, and no signal of it is waiting already. */
const isRepeatDue = ({ id, reportedAt }: ReplicaState, { waiting, now }: SignalContext): boolean =>
  (reportedAt === undefined || now.getTime() - Date.parse(reportedAt) >= repeatMs) &&
  !waiting.some(({ type, subject }) => type === flagged && subject === id);

/** @param repeats how often the flag was signalled before; every time under the same id. */
function flaggedSignal(
  replica: ReplicaState,
  repeats: number,
  { registry, mode, heard, now }: SignalContext,
): Signal {
  return signal(flagged, [replica.verdict.flag], registry, replica, {
    ...verdictOf(replica),
    repeat: repeats,
    mode,
    notes: notesOf(replica, heard),
    ...(replica.contested === undefined ? {} : contestOf(replica, replica.contested, registry, now)),
    interlocks: replica.interlocks,
    action: replica.action,
    routing: replica.routing,
  });
}

/** @param reason `recovered`, or `gone` for a replica that no longer exists. */
function clearedSignal(
  replica: ReplicaState,
  flag: Verdict,
  reason: 'recovered' | 'gone',
  { registry, mode }: SignalContext,
): Signal {
  return signal(cleared, [flag.flag], registry, replica, {
    ...verdictOf(replica),
    mode,
    reason,
    flaggedSince: flag.since,
    interlocks: replica.interlocks,
    action: replica.action,
    routing: replica.routing,
  });
}

type Contest = NonNullable<ReplicaState['contested']>;

/** Somebody keeps switching on what is flagged, and evenkeel has stopped. */
function contestedSignal(
  replica: ReplicaState,
  contest: Contest,
  { registry, mode, now }: SignalContext,
): Signal {
  return signal(contested, [contest.since], registry, replica, {
    ...verdictOf(replica),
    mode,
    ...contestOf(replica, contest, registry, now),
  });
}

/** Who contests the replica, and how that ends. */
const contestOf = (
  replica: ReplicaState,
  { since, lastModifiedBy }: Contest,
  registry: Registry,
  now: Date,
) => ({
  contestedSince: since,
  reversals: replica.reversals,
  lastModifiedBy: lastModifiedBy ?? null,
  infrastructureCode: infrastructureCode(registry, replica),
  resume: resumeCommand(replica.id, now),
});

const verdictOf = ({ verdict, reasons, awaits, evidence }: ReplicaState) => ({
  verdict: verdict.flagged ? 'flagged' : 'ok',
  since: verdict.since,
  reasons,
  /** What has to be seen before the flag can be cleared, as far as it is not seen now. */
  awaits,
  evidence,
  /** The reviews that led to the verdict, oldest first. */
  reviews: verdict.reviews.map(({ at, health }) => ({ at, health })),
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
