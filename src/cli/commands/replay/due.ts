import type { FailedDelivery } from './failed-delivery.ts';

export interface Selection {
  /** Only what this function missed. */
  readonly functionName: FailedDelivery['functionName'];
  /** Also what was sent again before. */
  readonly again: boolean;
}

export type State = 'waiting' | 'sent before' | 'not chosen' | 'cannot be sent';

/**
 * | missed                                      | state            |
 * |---------------------------------------------|------------------|
 * | nothing readable, or by no function         | `cannot be sent` |
 * | by another function than the chosen one     | `not chosen`     |
 * | by `trackIpDrift`, when none is chosen: an observation that comes late says nothing | `not chosen` |
 * | marked as sent, without `again`             | `sent before`    |
 * | any other                                   | `waiting`        |
 */
export function stateOf(missed: FailedDelivery, { functionName, again }: Selection): State {
  const isSendable =
    missed.functionName === 'resumeDns' ? missed.subjects.length > 0 : missed.deadLetters.length > 0;
  if (missed.functionName === undefined || !isSendable) return 'cannot be sent';
  const isChosen =
    functionName === undefined
      ? missed.functionName !== 'trackIpDrift'
      : missed.functionName === functionName;
  if (!isChosen) return 'not chosen';
  return missed.replayedAt !== undefined && !again ? 'sent before' : 'waiting';
}
