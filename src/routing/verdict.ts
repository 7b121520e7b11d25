import * as v from 'valibot';
import type { Health } from './findings.ts';
import type { ReviewRules } from './rules.ts';

export const reviewSchema = v.object({
  at: v.string(),
  reading: v.picklist(['bad', 'good', 'open']),
  /** What spoke against the replica, in sentences. */
  because: v.array(v.string()),
});

export const verdictSchema = v.object({
  flagged: v.boolean(),
  /** The review that made it so. */
  since: v.string(),
  /** The reviews that led to it; empty for a replica that was never flagged. */
  reviews: v.array(reviewSchema),
});

/** One review of one replica, as its verdict remembers it. */
type Review = v.InferOutput<typeof reviewSchema>;
type Verdict = v.InferOutput<typeof verdictSchema>;

/** What a verdict depends on: itself, and the last reviews that counted, oldest first. */
export interface VerdictHistory {
  readonly verdict: Verdict;
  readonly reviews: readonly Review[];
}

/** The first review of a replica finds it without a flag. */
export const initialHistory = (at: string): VerdictHistory => ({
  verdict: { flagged: false, since: at, reviews: [] },
  reviews: [],
});

interface CurrentReview {
  readonly at: string;
  readonly reading: Health;
  readonly because: readonly string[];
  /** A policy keeps the replica out of routing. */
  readonly raises: boolean;
  /** See {@link isDue}; a review that found a common cause does not count either. */
  readonly counts: boolean;
}

/**
 * | flag | this review                                             | then                                  |
 * |------|---------------------------------------------------------|---------------------------------------|
 * | no   | a policy holds                                          | raised, also when it does not count   |
 * | no   | bad, and with it `bad` of the last `of` since the flag was cleared | raised                     |
 * | yes  | a policy holds                                          | stays                                 |
 * | yes  | good, and with it the last `clear` in a row             | cleared                               |
 * | yes  | anything else                                           | stays                                 |
 *
 * The flag of a policy that holds no more is cleared like any other. The reviews under the policy count, so that a
 * replica that was well all the time is back at the next review, and one that is still under repair is not.
 */
export function updateVerdict(
  before: VerdictHistory,
  current: CurrentReview,
  rules: ReviewRules,
): VerdictHistory {
  const { at, reading, raises, counts } = current;
  const review: Review = { at, reading, because: [...current.because] };
  const { raise, clear } = rules;
  const reviews = counts ? [...before.reviews, review].slice(-Math.max(raise.of, clear)) : before.reviews;
  const { flagged, since } = before.verdict;
  if (flagged) {
    const run = reviews.slice(-clear);
    const isWell = counts && run.length === clear && run.every((one) => one.reading === 'good');
    if (raises || !isWell) return { verdict: before.verdict, reviews };
    return { verdict: { flagged: false, since: at, reviews: run }, reviews };
  }
  if (raises) return { verdict: { flagged: true, since: at, reviews: [review] }, reviews };
  // What led to the flag before this one must not raise it again.
  const window = reviews.slice(-raise.of).filter((one) => one.at >= since);
  const bad = window.filter((one) => one.reading === 'bad').length;
  // A rule that was loosened meanwhile still waits for a bad review.
  if (reading !== 'bad' || bad < raise.bad) return { verdict: before.verdict, reviews };
  return { verdict: { flagged: true, since: at, reviews: window }, reviews };
}

/**
 * Two runs that follow each other closely are one look at the world, so that firing the review by hand raises no flag.
 * @param countedAt of the last review that counted.
 */
export function isDue(countedAt: string | undefined, now: Date, intervalMs: number): boolean {
  if (countedAt === undefined) return true;
  // A time in the future is some clock that was wrong; it must not stop the reviews until then.
  return Math.abs(now.getTime() - Date.parse(countedAt)) >= intervalMs / 2;
}
