import { evaluateInterlocks, isBelowMinimum, type ProposedChange } from './interlocks.ts';
import type { ReviewSettings } from './review-settings.ts';
import type { Evidence, Rehearsal, ReplicaState } from './state.ts';

/** Nobody rehearses longer; a replica that is to be out for good has a policy. */
export const maxRehearsalMs = 7 * 24 * 60 * 60 * 1000;

/** What is asked for, in the words of whoever asks. */
export interface RehearsalWish {
  readonly forMs: number;
  readonly by: string | null;
  readonly reason: string | null;
}

/** The rehearsals with one more, or with another end of the one that the replica has already. */
export function withRehearsal(
  rehearsals: readonly Rehearsal[],
  { name, region }: Pick<ReplicaState, 'name' | 'region'>,
  { forMs, by, reason }: RehearsalWish,
  now: Date,
): Rehearsal[] {
  const before = rehearsals.find(({ replica }) => replica === name);
  const wanted: Rehearsal = {
    replica: name,
    region,
    requestedAt: before?.requestedAt ?? now.toISOString(),
    until: new Date(now.getTime() + forMs).toISOString(),
    by: by ?? before?.by ?? null,
    reason: reason ?? before?.reason ?? null,
    beganAt: before?.beganAt,
    heldBy: before?.heldBy ?? [],
  };
  return [...rehearsals.filter((one) => one !== before), wanted];
}

/** What a rehearsal that has begun is for its replica: a window of the registry's policy. */
export const rehearsalPolicy = ({ until, by, reason }: Rehearsal): NonNullable<Evidence['policy']> => ({
  routing: 'rehearsal',
  until,
  by,
  reason,
});

interface RehearsalContext extends Omit<ProposedChange, 'to' | 'replica' | 'others' | 'rules'> {
  readonly rules: ReviewSettings;
}

interface DecidedRehearsals {
  /** Those that go on, and those that still wait. */
  readonly rehearsals: readonly Rehearsal[];
  readonly changes: readonly RehearsalChange[];
}

/** What a review did with a rehearsal. */
export interface RehearsalChange {
  readonly rehearsal: Rehearsal;
  readonly kind: 'rehearsalBegan' | 'rehearsalEnded' | 'rehearsalAborted';
}

/**
 * What becomes of the rehearsals of a registry in a review. The first row that applies holds.
 *
 * | rehearsal | review                                                                  | then    |
 * |-----------|-------------------------------------------------------------------------|---------|
 * | any       | its time is over, or its replica is gone                                | ends    |
 * | any       | found a common cause                                                    | as it is |
 * | any       | too few others serve, see `isBelowMinimum`                              | aborted |
 * | begun     | anything else                                                           | goes on |
 * | waiting   | did not read its replica                                                | waits   |
 * | waiting   | an interlock refuses                                                    | waits   |
 * | waiting   | the replica is off already, and only interlocks about the switch refuse | begins  |
 * | waiting   | every interlock passes                                                  | begins  |
 *
 * Of those that have begun the newest is looked at first, so that it makes room for the oldest; of those that wait, the
 * oldest.
 *
 * @param replicas as this review found them, without any rehearsal, and without those that are gone.
 * @param gone names of replicas.
 */
export function decideRehearsals(
  rehearsals: readonly Rehearsal[],
  replicas: readonly ReplicaState[],
  gone: ReadonlySet<string>,
  context: RehearsalContext,
): DecidedRehearsals {
  const { now, rules } = context;
  const isOver = ({ until, replica }: Rehearsal) => now.getTime() >= Date.parse(until) || gone.has(replica);
  const changes: RehearsalChange[] = rehearsals
    .filter(isOver)
    .map((rehearsal) => ({ rehearsal, kind: 'rehearsalEnded' }));
  const kept: Rehearsal[] = [];
  const current = rehearsals.filter((one) => !isOver(one));
  const out = new Set(current.filter(hasBegun).map(({ replica }) => replica));
  let { recentChangeCount } = context;

  for (const rehearsal of inOrder(current)) {
    const replica = replicas.find(({ name }) => name === rehearsal.replica);
    const others = replicas
      .filter((other) => other !== replica)
      .map((other) => (out.has(other.name) ? asFlagged(other) : other));
    const decision =
      replica === undefined
        ? { kind: 'unchanged' as const }
        : decide(rehearsal, { ...context, recentChangeCount, to: 'disabled', replica, others });
    switch (decision.kind) {
      case 'unchanged':
        kept.push(rehearsal);
        break;
      case 'abort':
        out.delete(rehearsal.replica);
        changes.push({ rehearsal, kind: 'rehearsalAborted' });
        break;
      case 'wait':
        kept.push({ ...rehearsal, heldBy: [...decision.heldBy] });
        break;
      case 'begin': {
        out.add(rehearsal.replica);
        // Each that begins is a change that comes before the next.
        if (rules.mode === 'enforce') recentChangeCount += 1;
        const begun = { ...rehearsal, beganAt: now.toISOString(), heldBy: [] };
        kept.push(begun);
        changes.push({ rehearsal: begun, kind: 'rehearsalBegan' });
      }
    }
  }
  return { rehearsals: kept, changes };
}

export const hasBegun = ({ beganAt }: Rehearsal): boolean => beganAt !== undefined;

type Decision =
  | { readonly kind: 'unchanged' | 'abort' | 'begin' }
  | { readonly kind: 'wait'; readonly heldBy: readonly string[] };

function decide(rehearsal: Rehearsal, change: ProposedChange): Decision {
  const { replica, isCommonCause } = change;
  if (isCommonCause) return { kind: 'unchanged' };
  if (isBelowMinimum(change)) return { kind: 'abort' };
  if (hasBegun(rehearsal) || replica.routing === 'unread') return { kind: 'unchanged' };
  const heldBy = refusingRules(evaluateInterlocks(change)).filter(
    (rule) => replica.routing !== 'disabled' || !aboutTheSwitch.has(rule),
  );
  return heldBy.length === 0 ? { kind: 'begin' } : { kind: 'wait', heldBy };
}

/** Nobody has to turn a switch that is off. */
const aboutTheSwitch: ReadonlySet<string> = new Set(['anotherWriter', 'holdDown', 'changeBudget']);

export const refusingRules = (interlocks: ReturnType<typeof evaluateInterlocks>): string[] =>
  interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);

const inOrder = (rehearsals: readonly Rehearsal[]): Rehearsal[] => {
  const byTime = rehearsals.toSorted((a, b) => (a.requestedAt < b.requestedAt ? -1 : 1));
  return [...byTime.filter(hasBegun).reverse(), ...byTime.filter((one) => !hasBegun(one))];
};

const asFlagged = (replica: ReplicaState): ReplicaState => ({
  ...replica,
  verdict: { ...replica.verdict, flagged: true },
});
