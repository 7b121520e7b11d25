import type { AuditReport } from '../../../dns/audit/report.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup, shortRecordSet } from '../../output/text.ts';

/** The findings as a table, then what could not be read, and a summary in the last line. */
export function auditLines(report: AuditReport, pc: Palette): string[] {
  const { findings, unread, sharedAddresses, unmapped } = report;
  return [
    ...(findings.length === 0 ? [] : [...findingTable(report, pc), '']),
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

function findingTable({ findings }: AuditReport, pc: Palette): string[] {
  const rows = findings.map(({ finding, containerGroup, recordSets }) => [
    pc.yellow(finding),
    plainText(shortGroup(containerGroup)),
    recordSets.map((id) => plainText(shortRecordSet(id))).join('\n'),
  ]);
  return tableLines({ titles: ['finding', 'container group', 'record sets'] }, rows, pc);
}

function summaryLine({ findings, complete, spokes }: AuditReport, pc: Palette): string {
  const groups = spokes.reduce((total, spoke) => total + spoke.groups, 0);
  const recordSets = spokes.reduce((total, spoke) => total + spoke.recordSets, 0);
  const scope = `${count(groups, 'container group')}, ${count(recordSets, 'managed record set')}, ${count(spokes.length, 'spoke')}`;
  if (!complete) return `${pc.red('✖')} incomplete: the unread parts were not compared; ${scope}`;
  return findings.length === 0
    ? `${pc.green('✔')} no findings; ${scope}`
    : `${pc.red('✖')} ${count(findings.length, 'finding')}; ${scope}`;
}
