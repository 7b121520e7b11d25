import type { Registry } from '../registries/registry.ts';
import type { Signal } from '../signals/signal.ts';
import { clearedSignal, contestedSignal, flaggedSignal, isRepeatDue } from './flag-signals.ts';
import type { ReplicaState } from './replica-state.ts';
import type { Settlement } from './resolve-intent.ts';
import type { RoutingMode } from './rules.ts';

/** Something worth a line in the log. */
export interface Happening {
  readonly replica: string;
  readonly region: string;
  readonly what: Settlement | 'flagged' | 'cleared' | 'gone';
}

interface Told {
  readonly replicas: ReplicaState[];
  readonly signals: readonly Signal[];
  readonly happenings: readonly Happening[];
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
 * A fight that begins is told as contested besides.
 */
export function tell(
  known: ReadonlyMap<string, ReplicaState>,
  reviewed: readonly (readonly [ReplicaState, readonly Settlement[]])[],
  gone: ReadonlySet<string>,
  { waiting, ...context }: Circumstances,
): Told {
  const signals: Signal[] = [];
  const happenings: Happening[] = [];
  const replicas = reviewed.map(([replica, settlements]): ReplicaState => {
    const { name, region, verdict } = replica;
    const was = known.get(name)?.verdict;
    const happened = (what: Happening['what']) => happenings.push({ replica: name, region, what });
    settlements.forEach(happened);
    if (settlements.includes('contested')) signals.push(contestedSignal(replica, context));
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
    happenings.push({ replica: name, region: replica.region, what: 'gone' });
    const { verdict } = replica;
    if (verdict.flagged) signals.push(clearedSignal(replica, verdict.since, 'gone', context));
  }
  return { replicas, signals, happenings };
}
