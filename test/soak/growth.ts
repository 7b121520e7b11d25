/** A number that was measured again and again, such as the heap of a process. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly Sample[];
  readonly allowance: Allowance;
}

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** How much more the last quarter may show than the first: a share of the first, and so much on top. */
export interface Allowance {
  readonly share: number;
  readonly absolute: number;
  /** What makes the number differ between two quarters without growth. */
  readonly because: string;
}

export type Verdict =
  | {
      readonly kind: 'steady' | 'grew';
      /** The median of the first settled quarter. */
      readonly first: number;
      /** The median of the last one. */
      readonly last: number;
      /** The most that it might have been. */
      readonly allowed: number;
    }
  /** A quarter has too few samples, so nobody can tell. */
  | { readonly kind: 'unknown'; readonly samples: number };

/** With fewer, one odd sample is the median. */
const leastSamples = 3;

/**
 * Whether a number grows. What was measured before a run settled does not count: caches fill, code is compiled, and
 * tables fill until their retention.
 *
 * | samples in the first and the last settled quarter | verdict |
 * |---|---|
 * | fewer than three in one of them                   | unknown |
 * | the last median is above the allowance            | grew    |
 * | otherwise                                         | steady  |
 *
 * @param settledAtMs from then on samples count.
 * @param endMs the end of the last quarter.
 */
export function judgeGrowth(
  { samples, allowance }: Pick<Series, 'samples' | 'allowance'>,
  settledAtMs: number,
  endMs: number,
): Verdict {
  const quarterMs = (endMs - settledAtMs) / 4;
  const between = (fromMs: number, toMs: number) =>
    samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ value }) => value);
  const early = between(settledAtMs, settledAtMs + quarterMs);
  const late = between(endMs - quarterMs, endMs);
  const least = Math.min(early.length, late.length);
  if (least < leastSamples) return { kind: 'unknown', samples: least };
  const [first, last] = [median(early), median(late)];
  const allowed = first * (1 + allowance.share) + allowance.absolute;
  return { kind: last > allowed ? 'grew' : 'steady', first, last, allowed };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
