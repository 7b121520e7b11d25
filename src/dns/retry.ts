import { ThrottledError, UncertainCallError } from '../lib/errors.ts';
import { GroupChangedError, RecordSetChangedError } from './errors.ts';

/** Enough for each of a move's three writes to lose its race twice, with some to spare. */
export const maxRounds = 12;

/** Of the rounds, those without a sure answer: a service that is down is better asked again by the next delivery. */
export const maxUncertainRounds = 6;

/**
 * How long to wait before another round; `undefined` when another round cannot help.
 *
 * | why the round failed                  | pause before the next                             |
 * |---------------------------------------|---------------------------------------------------|
 * | a quota                               | what the service asks for, plus up to a second    |
 * | a lost race, the group changed        | up to 100 ms, doubling to a second                |
 * | a call without a sure answer          | 200 ms, doubling, plus up to as much again        |
 * | anything else                         | none                                              |
 *
 * @param round of the failure, from 1.
 * @param random from 0 up to 1: writers that collided must not collide again.
 */
export function pauseBeforeRound(error: unknown, round: number, random: number): number | undefined {
  if (error instanceof ThrottledError) return error.retryAfterMs + Math.round(random * 1_000);
  if (error instanceof UncertainCallError) return Math.round((1 + random) * 100 * 2 ** round);
  if (error instanceof RecordSetChangedError || error instanceof GroupChangedError) {
    return Math.round(random * Math.min(1_000, 50 * 2 ** round));
  }
  return undefined;
}
