import { signalId } from '../signals/signal.ts';
import type { ReviewSettings } from './review-settings.ts';
import type { Health, Review, Verdict } from './state.ts';

/** A verdict with all that the next one depends on: the last reviews that counted, oldest first. */
export interface VerdictHistory {
  readonly verdict: Verdict;
  readonly reviews: readonly Review[];
}

/** A replica that is reviewed for the first time has no flag. */
export const initialHistory = (at: string): VerdictHistory => ({
  verdict: { flagged: false, since: at, reviews: [], kinds: [], flag: '' },
  reviews: [],
});

interface CurrentReview {
  readonly at: string;
  readonly health: Health;
  readonly because: readonly string[];
  /** The kinds of evidence that are bad. */
  readonly bad: readonly string[];
  /** The kinds of evidence that need a witness whatever raises the flag, such as those that were last seen to be bad. */
  readonly owed: readonly string[];
  /** A policy keeps the replica out of routing. */
  readonly raises: boolean;
  /** Whether the review {@link isDue}; one that found a common cause does not count either. */
  readonly counts: boolean;
}

/**
 * The verdict after one more review.
 *
 * | flag | this review                                             | then                                  |
 * |------|---------------------------------------------------------|---------------------------------------|
 * | no   | a policy holds                                          | raised, also when it does not count   |
 * | no   | bad, and with it `bad` of the last `of` since the flag was cleared | raised                     |
 * | yes  | a policy holds                                          | stays                                 |
 * | yes  | good, and with it the last `clear` in a row             | cleared                               |
 * | yes  | anything else                                           | stays                                 |
 *
 * A flag remembers the kinds of evidence that raised it, those that were bad while it stood, and those that were owed
 * when it was raised. Each of them needs a witness in each review that clears it: `health` is good only where it had one.
 *
 * A flag is distinguished from every other one by its time, its reasons and the flag before it: the clocks of two
 * instances differ, so that two flags may have the same time.
 *
 * When a policy no longer holds, its flag is cleared like any other. The reviews made meanwhile count, so that a
 * replica that was healthy all the time is back at the next review, and one that is still under repair is not.
 */
export function updateVerdict(
  before: VerdictHistory,
  current: CurrentReview,
  { raise, clear }: Pick<ReviewSettings, 'raise' | 'clear'>,
): VerdictHistory {
  const { at, health, bad, owed, raises, counts } = current;
  const review: Review = {
    at,
    health,
    because: [...current.because],
    ...(bad.length > 0 && { bad: [...bad] }),
  };
  const reviews = counts ? [...before.reviews, review].slice(-Math.max(raise.of, clear)) : before.reviews;
  const { flagged, since, kinds, flag } = before.verdict;
  const policy = raises ? ['policy'] : [];
  if (flagged) {
    if (!raises && counts && isRecovered(reviews, clear))
      return {
        verdict: { flagged: false, since: at, reviews: reviews.slice(-clear), kinds, flag },
        reviews,
      };
    return { verdict: { ...before.verdict, kinds: union(kinds, policy, counts ? bad : []) }, reviews };
  }
  const raised = (because: readonly Review[]): VerdictHistory => {
    const raisedBy = because.flatMap((one) => one.bad ?? []);
    return {
      verdict: {
        flagged: true,
        since: at,
        reviews: [...because],
        kinds: union(policy, raisedBy, owed),
        flag: signalId('flag', [flag, at, ...because.flatMap((one) => one.because)]),
      },
      reviews,
    };
  };
  if (raises) return raised([review]);
  // What led to the flag before this one must not raise it again.
  const window = reviews.slice(-raise.of).filter((one) => one.at >= since);
  const badReviews = window.filter((one) => one.health === 'bad').length;
  // A rule that was loosened meanwhile still waits for a bad review.
  if (health !== 'bad' || badReviews < raise.bad) return { verdict: before.verdict, reviews };
  return raised(window);
}

/** Whether the last reviews that counted were all good, as many as clear a flag. */
export function isRecovered(reviews: readonly Review[], clear: number): boolean {
  const run = reviews.slice(-clear);
  return run.length === clear && run.every((one) => one.health === 'good');
}

export const union = (...lists: readonly (readonly string[])[]): string[] =>
  [...new Set(lists.flat())].sort();

/**
 * Whether a review counts. Two runs in close succession are one look at the world, so that firing the function by hand
 * raises no flag.
 * @param countedAt time of the last review that counted.
 */
export function isDue(countedAt: string | undefined, now: Date, intervalMs: number): boolean {
  if (countedAt === undefined) return true;
  // A time in the future comes from a clock that was wrong; it must not stop the reviews until then.
  return Math.abs(now.getTime() - Date.parse(countedAt)) >= intervalMs / 2;
}
