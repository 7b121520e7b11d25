import type { Registry } from '../registries/registry.ts';
import { decide, wantedRouting } from './action.ts';
import { newIntent } from './intent.ts';
import type { Move } from './interlocks/interlock.ts';
import { evaluateInterlocks } from './interlocks.ts';
import type { ReplicaState } from './replica-state.ts';
import type { ReviewRules } from './rules.ts';

interface Circumstances extends Pick<Move, 'home' | 'isCommonCause' | 'silence' | 'now'> {
  readonly registry: Pick<Registry, 'minimumRoutable'>;
  /** Times of the changes of this registry in the last hour. */
  readonly changedAt: readonly string[];
  readonly rules: ReviewRules;
}

/**
 * One replica after the other, each with what was decided before it in mind: those to be switched on first, since that
 * takes nothing away, and then the flags, the oldest first. A replica that is to change has its intent.
 */
export function decideAll(
  replicas: readonly ReplicaState[],
  { registry, changedAt, rules, ...circumstances }: Circumstances,
): { readonly replicas: ReplicaState[]; readonly changedAt: readonly string[] } {
  const at = circumstances.now.toISOString();
  const decided = new Map<string, ReplicaState>();
  let changes = changedAt;
  for (const replica of inOrder(replicas)) {
    const to = wantedRouting(replica);
    const interlocks =
      to === undefined
        ? []
        : evaluateInterlocks({
            ...circumstances,
            to,
            replica,
            others: replicas.filter((other) => other !== replica),
            minimumRoutable: registry.minimumRoutable,
            changes: changes.length,
            rules,
          });
    const action = decide(replica, interlocks, rules);
    if (to === undefined || action.do === 'nothing') {
      decided.set(replica.name, { ...replica, interlocks, action });
      continue;
    }
    changes = [...changes, at];
    decided.set(replica.name, { ...replica, interlocks, action, intent: newIntent(to, at, replica.intent) });
  }
  return { replicas: replicas.map((replica) => decided.get(replica.name) ?? replica), changedAt: changes };
}

const inOrder = (replicas: readonly ReplicaState[]): ReplicaState[] =>
  replicas.toSorted(
    (a, b) =>
      Number(a.verdict.flagged) - Number(b.verdict.flagged) ||
      (a.verdict.since < b.verdict.since ? -1 : Number(a.verdict.since > b.verdict.since)) ||
      (a.name < b.name ? -1 : 1),
  );
