import Table from 'cli-table3';
import type { Disruptions } from './faults.ts';
import type { Allowance, Verdict } from './growth.ts';
import type { Load } from './load.ts';

/** Columns of the progress: a title, and the series that it shows. */
const columns = [
  ['heap MiB', 'heap after collection'],
  ['RSS MiB', 'resident memory'],
  ['files', 'open files'],
  ['queue', 'queue evenkeel-dns'],
  ['images', 'EvenkeelImages'],
  ['tags', 'EvenkeelTags'],
  ['finished', 'EvenkeelFinishedImages'],
  ['open', 'EvenkeelOpenImages'],
  ['record ms', 'change to record'],
  ['signal ms', 'everywhere to signal'],
] as const;
const counters = ['changes', 'pushes', 'answers', 'faults', 'starts'] as const;

const widest = 10;
const row = (cells: readonly (string | number)[]) =>
  cells.map((cell) => String(cell).padStart(widest)).join('');

export const progressHeader = row(['minute', ...columns.map(([title]) => title), ...counters]);

const total = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((sum, one) => sum + one, 0);

/** One line of the table that grows by the minute. */
export function progressRow({
  ms,
  latest,
  load,
  disruptions,
  starts,
}: {
  readonly ms: number;
  readonly latest: ReadonlyMap<string, number>;
  readonly load: Load;
  readonly disruptions: Disruptions;
  readonly starts: number;
}): string {
  const shown = columns.map(([, name]) => {
    const value = latest.get(name);
    return value === undefined ? '–' : rounded(value);
  });
  const counted = [load.changes, load.images.length, total(load.answers), total(disruptions.counts), starts];
  return row([(ms / 60_000).toFixed(1), ...shown, ...counted]);
}

const rounded = (value: number) =>
  value < 100 && !Number.isInteger(value) ? value.toFixed(1) : value.toFixed(0);

interface Judged {
  readonly name: string;
  readonly unit: string;
  readonly samples: number;
  readonly allowance: Allowance;
  readonly verdict: Verdict;
}

/** What a person reads at the end. */
export function summaryLines(summary: {
  readonly passed: boolean;
  /** Ended by a signal before its time. */
  readonly interrupted: boolean;
  readonly seed: number;
  readonly growth: readonly Judged[];
  readonly broken: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  readonly load: Readonly<Record<string, unknown>>;
}): string[] {
  const table = new Table({
    head: ['series', 'first quarter', 'last quarter', 'allowed', 'verdict', 'because'],
    style: { head: [], border: [] },
  });
  for (const { name, unit, verdict, allowance } of summary.growth) {
    const numbers =
      verdict.kind === 'unknown'
        ? ['–', '–', '–']
        : [verdict.first, verdict.last, verdict.allowed].map((value) => `${rounded(value)} ${unit}`);
    const word = verdict.kind === 'unknown' ? `unknown: ${verdict.samples} samples` : verdict.kind;
    table.push([name, ...numbers, word, allowance.because]);
  }
  return [
    table.toString(),
    `load: ${JSON.stringify(summary.load)}`,
    `faults: ${JSON.stringify(summary.faults)}`,
    ...summary.broken.map((sentence) => `broken: ${sentence}`),
    ...(summary.interrupted ? ['interrupted: it proves nothing, whatever is steady above'] : []),
    summary.passed ? 'passed: nothing grew, and every promise was kept' : `failed, seed ${summary.seed}`,
  ];
}
