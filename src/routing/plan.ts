import type { Registry } from '../registries/registry.ts';
import { isInFlight, newIntent } from './intent.ts';
import { evaluateInterlocks, type ProposedChange } from './interlocks.ts';
import type { ReviewSettings } from './review-settings.ts';
import type { Action, Interlock, ReplicaState } from './state.ts';
import { isRecovered } from './verdict.ts';

interface PlanInput extends Pick<ProposedChange, 'home' | 'isCommonCause' | 'controlPlaneError' | 'now'> {
  readonly registry: Pick<Registry, 'minimumRoutable'>;
  /** Times of the changes of this registry in the last hour. */
  readonly recentChanges: readonly string[];
  readonly rules: ReviewSettings;
}

interface Plan {
  /** Each with its interlocks and its action; one that is to change has its intent. */
  readonly replicas: readonly ReplicaState[];
  /** The times of the input, and those of the changes that were planned. */
  readonly recentChanges: readonly string[];
}

/**
 * Plans the changes of one registry's replicas, one after the other, each with those before it in mind. Replicas to be
 * switched on come first, since that takes nothing away; then the flags, the oldest first.
 */
export function planChanges(
  replicas: readonly ReplicaState[],
  { registry, recentChanges, rules, ...circumstances }: PlanInput,
): Plan {
  const at = circumstances.now.toISOString();
  const planned = new Map(replicas.map((replica) => [replica.name, replica]));
  let changes = recentChanges;
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
            recentChangeCount: changes.length,
            rules,
          });
    const action = planAction(replica, interlocks, rules);
    if (to === undefined || action.do === 'nothing') {
      planned.set(replica.name, { ...replica, interlocks, action });
      continue;
    }
    changes = [...changes, at];
    planned.set(replica.name, { ...replica, interlocks, action, intent: newIntent(to, at, replica.intent) });
  }
  return {
    replicas: [...planned.values()],
    recentChanges: changes,
  };
}

const inPlanningOrder = (replicas: readonly ReplicaState[]): ReplicaState[] =>
  replicas.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

const placeOf = ({ verdict, name }: ReplicaState): string =>
  `${Number(verdict.flagged)} ${verdict.since} ${name}`;

/** The routing that the verdict asks for, whoever may change it; `undefined` when it asks for none. */
function wantedRouting({ verdict, disabledByUs }: ReplicaState): 'enabled' | 'disabled' | undefined {
  if (verdict.flagged) return 'disabled';
  return disabledByUs ? 'enabled' : undefined;
}

/**
 * | verdict | routing            | switched off by | then                                            |
 * |---------|--------------------|-----------------|-------------------------------------------------|
 * | any     | not read, unknown  | any             | nothing: unknown never leads to a change        |
 * | any     | any                | any             | nothing while an earlier change is in flight    |
 * | flagged | disabled           | evenkeel        | nothing: it is off                              |
 * | any     | disabled           | somebody else   | nothing: it is theirs                           |
 * | flagged | enabled            | –               | off, in `enforce`, when every interlock passes  |
 * | ok      | disabled           | evenkeel        | on, likewise, unless `ROUTING_REENABLE` forbids |
 * | ok      | enabled            | –               | nothing: it is correct                          |
 *
 * Time passes between the end of a flag and the switch. What led to the flag has to be seen good until then: nothing is
 * switched on because nobody could look.
 */
export function planAction(
  replica: ReplicaState,
  interlocks: readonly Interlock[],
  { mode, reenable, clear }: Pick<ReviewSettings, 'mode' | 'reenable' | 'clear'>,
): Action {
  const { routing, disabledByUs, intent, health, reviews } = replica;
  const wanted = wantedRouting(replica);
  if (routing === 'unread') return nothing('unread');
  if (routing === 'unknown') return nothing('routingUnknown');
  if (isInFlight(intent)) return nothing('inFlight');
  if (routing === 'disabled' && !disabledByUs) return nothing('offBySomebodyElse');
  if (wanted === undefined) return nothing('correct');
  if (wanted === routing) return nothing(wanted === 'disabled' ? 'off' : 'correct');
  if (mode === 'flag') return nothing('flagMode');
  if (wanted === 'enabled' && !reenable) return nothing('reenableOff');
  const refusing = interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
  if (refusing.length > 0) return { ...nothing('interlocked'), rules: refusing };
  const isWitnessed = health === 'good' && isRecovered(reviews, clear);
  if (wanted === 'enabled' && !isWitnessed) return nothing('unwitnessed');
  return wanted === 'disabled'
    ? { do: 'switchOff', because: 'it is flagged, and every interlock passes' }
    : { do: 'switchOn', because: 'it is healthy again, and every interlock passes' };
}

/** Why a review leaves a replica's routing as it is. */
const idleReasons = {
  correct: 'its routing is correct',
  off: 'evenkeel has switched it off',
  offBySomebodyElse: 'somebody else has switched it off',
  unread: 'it could not be read by id',
  routingUnknown: 'Azure does not report whether it is routed',
  inFlight: 'an earlier change is still in progress',
  flagMode: 'ROUTING_MODE is flag',
  reenableOff: 'ROUTING_REENABLE is false',
  unwitnessed: 'what led to its flag was not seen good in the last reviews',
  interlocked: 'an interlock refuses the change',
} as const;

const nothing = (reason: keyof typeof idleReasons): Action => ({
  do: 'nothing',
  because: idleReasons[reason],
});
