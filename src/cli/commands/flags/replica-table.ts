import { formatDurationBetween } from '../../output/duration.ts';
import { columnGap, tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import { isFlagged, type ReportedReplica } from './document.ts';

export interface Row {
  readonly registry: string;
  readonly replica: ReportedReplica;
}

const titles = ['registry', 'region', 'routing', 'verdict', 'for', 'evidence', 'held by'] as const;
type Cells = readonly [string, string, string, string, string, string, string];

/**
 * One row a replica. Where the columns do not fit, the last two wrap; where even that does not fit, each replica gets
 * lines of its own.
 * @param screen a pipe has no width, and its columns are as wide as they need to be.
 */
export function replicaTable(rows: readonly Row[], now: string, screen: Screen, pc: Palette): string[] {
  const cells = rows.map((row) => cellsOf(row, now));
  const widths = columnWidths(cells, screen.isTTY === true && screen.columns ? screen.columns : undefined);
  if (widths === undefined) return stackedLines(cells, pc).flatMap((line) => wrapLine(line, screen));
  const painted = cells.map((row, index) => paint(row, rows[index]?.replica, pc));
  return tableLines({ titles, widths }, painted, pc);
}

/** @returns `undefined` where a column would be narrower than its longest word. */
function columnWidths(cells: readonly Cells[], width: number | undefined): number[] | undefined {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const [evidence = 0, heldBy = 0] = widths.slice(-2);
  const fixed = widths.slice(0, -2);
  const used = fixed.reduce((sum, one) => sum + one + columnGap, columnGap);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - used;
  const heldByWidth = Math.min(heldBy, Math.max(longestWord(cells, 6), room - evidence));
  const evidenceWidth = Math.min(evidence, room - heldByWidth);
  return evidenceWidth < longestWord(cells, 5) ? undefined : [...fixed, evidenceWidth, heldByWidth];
}

const longestWord = (rows: readonly Cells[], column: number): number =>
  Math.max(
    titles[column]?.length ?? 0,
    ...rows.flatMap((row) => row[column]?.split(' ').map((word) => word.length) ?? []),
  );

function cellsOf({ registry, replica }: Row, now: string): Cells {
  const heldBy = replica.interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
  return [
    registry,
    replica.region,
    routingText(replica),
    replica.verdict,
    formatDurationBetween(replica.since, now),
    evidenceText(replica.evidence),
    heldBy.length === 0 ? '-' : heldBy.join(', '),
  ];
}

function routingText({ routed, disabledByUs }: ReportedReplica): string {
  if (routed == null) return 'unknown';
  if (routed) return 'on';
  return disabledByUs ? 'off by evenkeel' : 'off';
}

type Evidence = ReportedReplica['evidence'];

/** The evidence in a few words: the endpoint, and whatever else is not as it should be. */
function evidenceText({ provisioning, reachability, pull, lateImages, policy }: Evidence): string {
  const words = [
    policy == null ? '' : policyText(policy),
    reachability == null ? '' : reachabilityText(reachability),
    pull === undefined || pull.kind === 'served' ? '' : `pull: ${pull.reason ?? pull.kind}`,
    provisioning == null ? 'not read' : provisioningText(provisioning),
    lateImages == null || lateImages.late === 0
      ? ''
      : `${lateImages.late} of ${lateImages.lateInRegistry} late images`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** The state and the status, as far as they are not those of a replica that is well. */
const provisioningText = ({ state, displayStatus }: NonNullable<Evidence['provisioning']>): string =>
  [
    state === 'Succeeded' ? '' : state,
    /^(ready|online)$/i.test(displayStatus ?? 'ready') ? '' : displayStatus,
  ]
    .filter(Boolean)
    .join(' ');

function reachabilityText({ kind, reason, latencyMs }: NonNullable<Evidence['reachability']>): string {
  if (kind === 'alive') return latencyMs == null ? 'answers' : `answers in ${latencyMs} ms`;
  if (kind === 'throttled') return 'answers 429';
  return reason ?? kind;
}

function policyText({ routing, until }: NonNullable<Evidence['policy']>): string {
  if (until == null) return `policy: ${routing}`;
  return `${routing === 'rehearsal' ? 'rehearsal' : 'maintenance'} until ${until}`;
}

function paint(cells: Cells, replica: ReportedReplica | undefined, pc: Palette): Cells {
  const [registry, region, routing, verdict, since, evidence, heldBy] = cells;
  const verdictColor = replica !== undefined && isFlagged(replica) ? pc.red : pc.green;
  return [
    registry,
    region,
    routing === 'on' ? routing : pc.yellow(routing),
    verdictColor(verdict),
    since,
    evidence,
    heldBy,
  ];
}

const stackedLines = (cells: readonly Cells[], pc: Palette): string[] =>
  cells.flatMap(([registry, region, routing, verdict, since, evidence, heldBy], index) => [
    ...(index === 0 ? [] : ['']),
    pc.bold(`${registry} ${region}`),
    `  ${verdict} for ${since}`,
    `  routing ${routing}`,
    `  ${evidence}`,
    ...(heldBy === '-' ? [] : [`  held by ${heldBy}`]),
  ]);
