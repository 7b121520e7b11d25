import type { Registry } from '../registries/registry.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { resumeCommand, routingCommands } from './commands.ts';
import type { ReplicaState } from './replica-state.ts';
import type { RoutingMode } from './rules.ts';

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
export function flaggedSignal(replica: ReplicaState, { registry, mode, now }: Context): Signal {
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
export function clearedSignal(
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
export function contestedSignal(replica: ReplicaState, { registry, mode, now }: Context): Signal {
  const since = replica.fight?.since ?? now.toISOString();
  return signal(contested, [since], registry, replica, {
    ...verdictOf(replica),
    mode,
    contestedSince: since,
    reversals: replica.reversals,
    lastModifiedBy: replica.fight?.lastModifiedBy ?? null,
    resume: resumeCommand(replica.id, now),
  });
}

/** Whether a standing flag is due to be told again, and no telling of it is waiting to be published already. */
export const isRepeatDue = ({ id, toldAt }: ReplicaState, waiting: readonly Signal[], now: Date): boolean =>
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
