import { cellAt, joinStrips, type Strip } from '../lib/last-day.ts';
import type { ReplicaState } from './state.ts';

/**
 * What the reviews of half an hour saw of a replica, as the sum of these, in one digit to the base 32. Reviews that
 * saw different things add up: 3 is a half hour with good and with bad ones.
 *
 * | bit | the reviews                                            |
 * |-----|--------------------------------------------------------|
 * | 1   | found it good                                          |
 * | 2   | found it bad                                           |
 * | 4   | could not tell                                         |
 * | 8   | left it flagged                                        |
 * | 16  | found it out of global routing                         |
 */
const bits = { good: 1, bad: 2, inconclusive: 4, flagged: 8, off: 16 };

/** @param isCommonCause whether the review saw every endpoint unreachable, so that it counts for none of them. */
export function markOf(
  { health, verdict, routing }: Pick<ReplicaState, 'health' | 'verdict' | 'routing'>,
  isCommonCause: boolean,
): string {
  const seen =
    bits[isCommonCause ? 'inconclusive' : health] +
    (verdict.flagged ? bits.flagged : 0) +
    (routing === 'disabled' ? bits.off : 0);
  return seen.toString(32);
}

/** The replica with one more review in its strip of the last day. */
export function withReviewMark<R extends ReplicaState>(replica: R, isCommonCause: boolean, now: Date): R {
  const added: Strip = { last: cellAt(now.getTime()), marks: markOf(replica, isCommonCause) };
  return { ...replica, lastDay: joinStrips(replica.lastDay, added, joinReviewMarks) };
}

export const joinReviewMarks = (a: string, b: string): string => (digitOf(a) | digitOf(b)).toString(32);

/** A character that no version has written says nothing, and neither does `emptyMark`. */
const digitOf = (mark: string): number => Number.parseInt(mark, 32) || 0;
