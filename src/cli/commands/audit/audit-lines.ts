import Table from 'cli-table3';
import type { AuditReport } from '../../../dns/audit/report.ts';
import type { Palette } from '../../output/colors.ts';
import { plainText } from '../../output/plain-text.ts';
import { shortGroup, shortRecordSet } from '../../output/short-names.ts';
import { borderless, tableLines } from '../../output/table.ts';

/** The findings as a table, what could not be read, and one line that says how it ended. */
export function auditLines(report: AuditReport, pc: Palette): string[] {
  const { findings, unread, sharedAddresses, unmapped } = report;
  return [
    ...(findings.length === 0 ? [] : [...findingTable(report, pc), '']),
    ...sharedAddresses.map(
      ({ address, containerGroups }) =>
        `${pc.yellow('!')} ${address} is shared by ${containerGroups.map(shortGroup).join(', ')}; its PTR names one of them`,
    ),
    ...(unmapped.length === 0
      ? []
      : [
          pc.dim(
            `  ${count(unmapped.length, 'container group')} in resource groups that DNS_ZONE_MAP does not name`,
          ),
        ]),
    ...unread.map(
      ({ scope, reason }) => `${pc.red('✖')} not read to its end: ${plainText(`${scope}: ${reason}`)}`,
    ),
    summaryOf(report, pc),
  ];
}

function findingTable({ findings }: AuditReport, pc: Palette): string[] {
  const table = new Table({
    ...borderless,
    head: ['finding', 'container group', 'record sets'].map((title) => pc.bold(title)),
  });
  for (const { finding, containerGroup, recordSets } of findings) {
    table.push([
      pc.yellow(finding),
      plainText(shortGroup(containerGroup)),
      recordSets.map((id) => plainText(shortRecordSet(id))).join('\n'),
    ]);
  }
  return tableLines(table);
}

function summaryOf({ findings, complete, spokes }: AuditReport, pc: Palette): string {
  const sum = (of: 'groups' | 'recordSets') => spokes.reduce((total, spoke) => total + spoke[of], 0);
  const looked = `${count(sum('groups'), 'container group')}, ${count(sum('recordSets'), 'record set')} of evenkeel, ${count(spokes.length, 'spoke')}`;
  if (!complete) return `${pc.red('✖')} incomplete: nothing was concluded from what was not read; ${looked}`;
  return findings.length === 0
    ? `${pc.green('✔')} no findings; ${looked}`
    : `${pc.red('✖')} ${count(findings.length, 'finding')}; ${looked}`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
