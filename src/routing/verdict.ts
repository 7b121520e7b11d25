import type { ReviewSettings } from './review-settings.ts';
import type { Health, Review, Verdict } from './state.ts';

/** A verdict with all that the next one depends on: the last reviews that counted, oldest first. */
export interface VerdictHistory {
  readonly verdict: Verdict;
  readonly reviews: readonly Review[];
}

/** A replica that is reviewed for the first time has no flag. */
export const initialHistory = (at: string): VerdictHistory => ({
  verdict: { flagged: false, since: at, reviews: [] },
  reviews: [],
});

interface CurrentReview {
  readonly at: string;
  readonly health: Health;
  readonly because: readonly string[];
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
 * When a policy no longer holds, its flag is cleared like any other. The reviews made meanwhile count, so that a
 * replica that was healthy all the time is back at the next review, and one that is still under repair is not.
 */
export function updateVerdict(
  before: VerdictHistory,
  current: CurrentReview,
  { raise, clear }: Pick<ReviewSettings, 'raise' | 'clear'>,
): VerdictHistory {
  const { at, health, raises, counts } = current;
  const review: Review = { at, health, because: [...current.because] };
  const reviews = counts ? [...before.reviews, review].slice(-Math.max(raise.of, clear)) : before.reviews;
  const { flagged, since } = before.verdict;
  if (flagged) {
    const run = reviews.slice(-clear);
    const isRecovered = counts && run.length === clear && run.every((one) => one.health === 'good');
    if (raises || !isRecovered) return { verdict: before.verdict, reviews };
    return { verdict: { flagged: false, since: at, reviews: run }, reviews };
  }
  if (raises) return { verdict: { flagged: true, since: at, reviews: [review] }, reviews };
  // What led to the flag before this one must not raise it again.
  const window = reviews.slice(-raise.of).filter((one) => one.at >= since);
  const bad = window.filter((one) => one.health === 'bad').length;
  // A rule that was loosened meanwhile still waits for a bad review.
  if (health !== 'bad' || bad < raise.bad) return { verdict: before.verdict, reviews };
  return { verdict: { flagged: true, since: at, reviews: window }, reviews };
}

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
