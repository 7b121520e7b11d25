import Table from 'cli-table3';
import type { Palette } from '../../output/colors.ts';
import { formatDurationBetween } from '../../output/duration.ts';
import { borderless, tableLines } from '../../output/table.ts';
import { isFlagged, type ReportedReplica } from './document.ts';
import { evidenceText } from './evidence-text.ts';

export interface Row {
  readonly registry: string;
  readonly replica: ReportedReplica;
}

const titles = ['registry', 'region', 'routing', 'verdict', 'for', 'evidence', 'held by'] as const;
const gap = 2;
/**
 * One row a replica. Where the columns do not fit, the last two wrap; where that is not enough, each replica gets
 * lines of its own.
 * @param width of the terminal; `undefined` for a pipe, which has columns as wide as they need to be.
 */
export function replicaTable(
  rows: readonly Row[],
  now: string,
  width: number | undefined,
  pc: Palette,
): string[] {
  const cells = rows.map((row) => cellsOf(row, now));
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const [evidence = 0, held = 0] = widths.slice(-2);
  const [leastEvidence = 0, leastHeld = 0] = [5, 6].map((index) => longestWord(cells, index));
  const others = widths.slice(0, -2).reduce((sum, one) => sum + one + gap, 0);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - others - gap;
  const heldWidth = Math.min(held, Math.max(leastHeld, room - evidence));
  const evidenceWidth = Math.min(evidence, room - heldWidth);
  if (evidenceWidth < leastEvidence) return stacked(cells, pc);
  const table = new Table({
    ...borderless,
    head: titles.map((title) => pc.bold(title)),
    colWidths: [...widths.slice(0, -2), evidenceWidth, heldWidth],
    wordWrap: true,
  });
  for (const [index, row] of cells.entries()) table.push(painted(row, rows[index]?.replica, pc));
  return tableLines(table);
}

/** A column that is narrower would cut a word in two. */
const longestWord = (rows: readonly (readonly string[])[], column: number): number =>
  Math.max(
    titles[column]?.length ?? 0,
    ...rows.flatMap((row) => row[column]?.split(' ').map((word) => word.length) ?? []),
  );

type Cells = [string, string, string, string, string, string, string];

function cellsOf({ registry, replica }: Row, now: string): Cells {
  const holds = replica.interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
  return [
    registry,
    replica.region,
    routingText(replica),
    replica.verdict,
    formatDurationBetween(replica.since, now),
    evidenceText(replica.evidence),
    holds.length === 0 ? '-' : holds.join(', '),
  ];
}

function routingText({ routed, disabledByUs }: ReportedReplica): string {
  if (routed == null) return 'unknown';
  if (routed) return 'on';
  return disabledByUs ? 'off by evenkeel' : 'off';
}

function painted(cells: Cells, replica: ReportedReplica | undefined, pc: Palette): Cells {
  const [registry, region, routing, verdict, ...others] = cells;
  const paint = replica !== undefined && isFlagged(replica) ? pc.red : pc.green;
  return [registry, region, routing === 'on' ? routing : pc.yellow(routing), paint(verdict), ...others];
}

const stacked = (cells: readonly Cells[], pc: Palette): string[] =>
  cells.flatMap(([registry, region, routing, verdict, since, evidence, held], index) => [
    ...(index === 0 ? [] : ['']),
    pc.bold(`${registry} ${region}`),
    `  ${verdict} for ${since}`,
    `  routing ${routing}`,
    `  ${evidence}`,
    ...(held === '-' ? [] : [`  held by ${held}`]),
  ]);
