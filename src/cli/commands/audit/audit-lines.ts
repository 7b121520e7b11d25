import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup, shortRecordSet } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';

/** The report of a sweep, of this machine or of the app, that says what becomes of each finding. */
export interface ShownReport {
  readonly complete: boolean;
  readonly findings: readonly ShownFinding[];
  /** How many there are, where not all are told. */
  readonly findingsTotal?: number;
  readonly unread: readonly { readonly scope: string; readonly reason: string }[];
  readonly sharedAddresses: readonly {
    readonly address: string;
    readonly containerGroups: readonly string[];
  }[];
  readonly unmappedGroups: number;
  readonly spokes: readonly { readonly groups: number; readonly recordSets: number }[];
}

interface ShownFinding {
  readonly finding: string;
  readonly containerGroup: string;
  readonly recordSets: readonly string[];
  readonly liveAddress: string | null;
  readonly recordAddress: string | null;
  /** What repairs it and when, or why nothing does; `null` where nobody knows. */
  readonly repair: string | null;
}

/** The findings as a table, then what becomes of them, what could not be read, and a summary in the last line. */
export function auditLines(report: ShownReport, pc: Palette, output: Screen): string[] {
  const { findings, unread, sharedAddresses, unmappedGroups } = report;
  const more = totalOf(report) - findings.length;
  const prose = [
    ...(more > 0 ? [pc.dim(`  … and ${count(more, 'more finding')}`)] : []),
    ...repairLines(findings),
    ...sharedAddresses.map(
      ({ address, containerGroups }) =>
        `${pc.yellow('!')} ${containerGroups.map(shortGroup).join(', ')} share ${address}; its PTR can name only one of them`,
    ),
    ...(unmappedGroups === 0 ? [] : [pc.dim(`  ${unmappedText(unmappedGroups)}`)]),
    ...unread.map(
      ({ scope, reason }) => `${pc.red('✖')} not read completely: ${plainText(`${scope}: ${reason}`)}`,
    ),
    summaryLine(report, pc),
  ];
  return [
    ...(findings.length === 0 ? [] : [...findingTable(findings, pc), '']),
    ...prose.flatMap((line) => wrapLine(line, output)),
  ];
}

const totalOf = ({ findings, findingsTotal = 0 }: ShownReport): number =>
  Math.max(findings.length, findingsTotal);

const unmappedText = (number: number): string =>
  `${count(number, 'container group')} in resource groups that DNS_ZONE_MAP does not name`;

function findingTable(findings: readonly ShownFinding[], pc: Palette): string[] {
  const rows = findings.map(({ finding, containerGroup, recordSets, liveAddress, recordAddress }) => [
    pc.yellow(finding),
    plainText(shortGroup(containerGroup)),
    plainText(liveAddress ?? 'none'),
    plainText(recordAddress ?? 'none'),
    recordSets.map((id) => plainText(shortRecordSet(id))).join('\n'),
  ]);
  const titles = ['finding', 'container group', 'live address', 'recorded', 'record sets'];
  return tableLines({ titles }, rows, pc);
}

/** Most findings have the same end, so each is told once, with the findings that have it. */
function repairLines(findings: readonly ShownFinding[]): string[] {
  return [...Map.groupBy(findings, ({ repair }) => repair)].flatMap(([repair, alike]) => {
    if (repair === null) return [];
    const kinds = [...new Set(alike.map(({ finding }) => finding))];
    return `  ${kinds.join(', ')}: ${repair}`;
  });
}

function summaryLine(report: ShownReport, pc: Palette): string {
  const { complete, spokes } = report;
  const total = totalOf(report);
  const groups = spokes.reduce((total, spoke) => total + spoke.groups, 0);
  const recordSets = spokes.reduce((total, spoke) => total + spoke.recordSets, 0);
  const scope = `${count(groups, 'container group')}, ${count(recordSets, 'managed record set')}, ${count(spokes.length, 'spoke')}`;
  if (!complete) return `${pc.red('✖')} incomplete: the unread parts were not compared; ${scope}`;
  return total === 0
    ? `${pc.green('✔')} no findings; ${scope}`
    : `${pc.red('✖')} ${count(total, 'finding')}; ${scope}`;
}
