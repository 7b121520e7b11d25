import { type Job, jobs } from './draw.ts';

/** What the tests made of a mutation. A test that does not end notices it, too. */
export type Verdict =
  | { readonly kind: 'unnoticed' }
  | { readonly kind: 'noticed'; readonly by: string }
  | { readonly kind: 'time-out' };

/** The verdicts on the mutations of one job. */
export interface Score {
  readonly tried: number;
  readonly noticed: number;
  /** Those of the noticed that were noticed only because a test did not end. */
  readonly timeOuts: number;
}

const wantedShare = 0.95;

/** Whether the tests of a job noticed enough. */
export const isEnough = ({ tried, noticed }: Score): boolean => noticed >= wantedShare * tried;

/** The score of each job of which a mutation was tried. */
export function scores(
  results: readonly { readonly job: Job; readonly verdict: Verdict }[],
): Map<Job, Score> {
  const ofJobs = new Map<Job, Score>();
  for (const job of jobs) {
    const kinds = results.filter((result) => result.job === job).map(({ verdict }) => verdict.kind);
    if (kinds.length === 0) continue;
    ofJobs.set(job, {
      tried: kinds.length,
      noticed: kinds.filter((kind) => kind !== 'unnoticed').length,
      timeOuts: kinds.filter((kind) => kind === 'time-out').length,
    });
  }
  return ofJobs;
}

/** Such as `dns: 95 of 100 noticed, 95.0 %, 2 of them by a time-out`. */
export function describeScore(job: Job, { tried, noticed, timeOuts }: Score): string {
  const share = ((100 * noticed) / tried).toFixed(1);
  return `${job}: ${noticed} of ${tried} noticed, ${share} %${timeOuts > 0 ? `, ${timeOuts} of them by a time-out` : ''}`;
}
