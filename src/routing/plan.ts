import type { Registry } from '../registries/registry.ts';
import { isInFlight, newIntent } from './intent.ts';
import { evaluateInterlocks, type ProposedChange } from './interlocks.ts';
import type { ReviewRules } from './rules.ts';
import type { Action, Interlock, ReplicaState } from './state.ts';

interface Circumstances extends Pick<ProposedChange, 'home' | 'isCommonCause' | 'controlPlaneError' | 'now'> {
  readonly registry: Pick<Registry, 'minimumRoutable'>;
  /** Times of the changes of this registry in the last hour. */
  readonly changedAt: readonly string[];
  readonly rules: ReviewRules;
}

/**
 * One replica after the other, each with what was decided before it in mind: those to be switched on first, since that
 * takes nothing away, and then the flags, the oldest first. A replica that is to change has its intent.
 */
export function planChanges(
  replicas: readonly ReplicaState[],
  { registry, changedAt, rules, ...circumstances }: Circumstances,
): { readonly replicas: ReplicaState[]; readonly changedAt: readonly string[] } {
  const at = circumstances.now.toISOString();
  const decided = new Map<string, ReplicaState>();
  let changes = changedAt;
  for (const replica of inPlanningOrder(replicas)) {
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
            recentChanges: changes.length,
            rules,
          });
    const action = planAction(replica, interlocks, rules);
    if (to === undefined || action.do === 'nothing') {
      decided.set(replica.name, { ...replica, interlocks, action });
      continue;
    }
    changes = [...changes, at];
    decided.set(replica.name, { ...replica, interlocks, action, intent: newIntent(to, at, replica.intent) });
  }
  return { replicas: replicas.map((replica) => decided.get(replica.name) ?? replica), changedAt: changes };
}

const inPlanningOrder = (replicas: readonly ReplicaState[]): ReplicaState[] =>
  replicas.toSorted(
    (a, b) =>
      Number(a.verdict.flagged) - Number(b.verdict.flagged) ||
      (a.verdict.since < b.verdict.since ? -1 : Number(a.verdict.since > b.verdict.since)) ||
      (a.name < b.name ? -1 : 1),
  );

/** Why a review leaves a replica's routing as it is. */
const idleReasons = {
  fine: 'its routing is as it should be',
  off: 'evenkeel has switched it off',
  offBySomebody: 'somebody else has switched it off',
  unread: 'it could not be read by id',
  routingUnknown: 'Azure does not say whether it is routed',
  pending: 'an earlier change is still under way',
  flagMode: 'ROUTING_MODE is flag',
  reenableOff: 'ROUTING_REENABLE is false',
  interlocked: 'an interlock refuses',
} as const;

const nothing = (reason: keyof typeof idleReasons): Action => ({
  do: 'nothing',
  because: idleReasons[reason],
});

/** The change that the verdict asks for, whoever may make it; `undefined` when it asks for none. */
function wantedRouting({ verdict, disabledByUs }: ReplicaState): 'enabled' | 'disabled' | undefined {
  if (verdict.flagged) return 'disabled';
  return disabledByUs ? 'enabled' : undefined;
}

/**
 * | verdict | routing            | switched off by | then                                            |
 * |---------|--------------------|-----------------|-------------------------------------------------|
 * | any     | not read, unknown  | any             | nothing: unknown never leads to a change        |
 * | any     | any                | any             | nothing while an earlier change is under way    |
 * | flagged | disabled           | evenkeel        | nothing: it is off                              |
 * | any     | disabled           | somebody else   | nothing: it is theirs                           |
 * | flagged | enabled            | –               | off, in `enforce`, when every interlock passes  |
 * | ok      | disabled           | evenkeel        | on, likewise, unless `ROUTING_REENABLE` forbids |
 * | ok      | enabled            | –               | nothing: it is as it should be                  |
 */
export function planAction(
  replica: ReplicaState,
  interlocks: readonly Interlock[],
  { mode, reenable }: Pick<ReviewRules, 'mode' | 'reenable'>,
): Action {
  const { routing, disabledByUs, intent } = replica;
  const wanted = wantedRouting(replica);
  if (routing === 'unread') return nothing('unread');
  if (routing === 'unknown') return nothing('routingUnknown');
  if (isInFlight(intent)) return nothing('pending');
  if (routing === 'disabled' && !disabledByUs) return nothing('offBySomebody');
  if (wanted === undefined) return nothing('fine');
  if (wanted === routing) return nothing(wanted === 'disabled' ? 'off' : 'fine');
  if (mode === 'flag') return nothing('flagMode');
  if (wanted === 'enabled' && !reenable) return nothing('reenableOff');
  const refusing = interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
  if (refusing.length > 0) return { ...nothing('interlocked'), rules: refusing };
  return wanted === 'disabled'
    ? { do: 'switchOff', because: 'it is flagged, and every interlock passes' }
    : { do: 'switchOn', because: 'it is well again, and every interlock passes' };
}
