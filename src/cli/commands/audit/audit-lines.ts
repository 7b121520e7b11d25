import type { AuditReport, ReportedFinding } from '../../../dns/audit/report.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup, shortRecordSet } from '../../output/text.ts';

/** A report that says of each finding what repairs it and when, or why nothing does. */
export interface RepairedReport extends Omit<AuditReport, 'findings'> {
  readonly findings: readonly RepairedFinding[];
}

type RepairedFinding = ReportedFinding & { readonly repair: string };

/** The findings as a table, then what becomes of them, what could not be read, and a summary in the last line. */
export function auditLines(report: RepairedReport, pc: Palette): string[] {
  const { findings, unread, sharedAddresses, unmapped } = report;
  return [
    ...(findings.length === 0 ? [] : [...findingTable(findings, pc), '', ...repairLines(findings)]),
    ...sharedAddresses.map(
      ({ address, containerGroups }) =>
        `${pc.yellow('!')} ${containerGroups.map(shortGroup).join(', ')} share ${address}; its PTR can name only one of them`,
    ),
    ...(unmapped.length === 0 ? [] : [pc.dim(`  ${unmappedText(unmapped.length)}`)]),
    ...unread.map(
      ({ scope, reason }) => `${pc.red('✖')} not read completely: ${plainText(`${scope}: ${reason}`)}`,
    ),
    summaryLine(report, pc),
  ];
}

const unmappedText = (number: number): string =>
  `${count(number, 'container group')} in resource groups that DNS_ZONE_MAP does not name`;

function findingTable(findings: readonly RepairedFinding[], pc: Palette): string[] {
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
function repairLines(findings: readonly RepairedFinding[]): string[] {
  return [...Map.groupBy(findings, ({ repair }) => repair)].map(([repair, alike]) => {
    const kinds = [...new Set(alike.map(({ finding }) => finding))];
    return `  ${kinds.join(', ')}: ${repair}`;
  });
}

function summaryLine({ findings, complete, spokes }: RepairedReport, pc: Palette): string {
  const groups = spokes.reduce((total, spoke) => total + spoke.groups, 0);
  const recordSets = spokes.reduce((total, spoke) => total + spoke.recordSets, 0);
  const scope = `${count(groups, 'container group')}, ${count(recordSets, 'managed record set')}, ${count(spokes.length, 'spoke')}`;
  if (!complete) return `${pc.red('✖')} incomplete: the unread parts were not compared; ${scope}`;
  return findings.length === 0
    ? `${pc.green('✔')} no findings; ${scope}`
    : `${pc.red('✖')} ${count(findings.length, 'finding')}; ${scope}`;
}
