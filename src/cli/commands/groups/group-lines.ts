import type { Unread } from '../../../dns/audit/report.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import { type GroupRow, type GroupState, isWrong } from './group-row.ts';

interface Shown {
  readonly shown: readonly GroupRow[];
  /** How many the other filters leave. */
  readonly total: number;
  readonly unread: readonly Unread[];
}

const titles = ['container group', 'host name', 'live address', 'recorded', 'state'];

const stateTexts: Readonly<Record<GroupState, string>> = {
  right: 'right',
  missing: 'no record set',
  differs: 'differs',
  leftOver: 'left over',
  notNeeded: 'needs none',
  unknown: 'not known',
};

/** The groups as a table, what could not be read, and a summary in the last line. */
export function groupLines({ shown, total, unread }: Shown, pc: Palette, output: Screen): string[] {
  const rows = shown.map((row) => {
    const { containerGroup, hostName, liveAddress, recordAddress, state } = row;
    const paint = state === 'right' ? pc.green : isWrong(row) ? pc.red : pc.dim;
    return [
      plainText(shortGroup(containerGroup)),
      plainText(hostName ?? 'none'),
      liveAddress ?? (state === 'unknown' ? '?' : 'none'),
      plainText(recordAddress ?? (state === 'unknown' ? '?' : 'none')),
      paint(stateTexts[state]),
    ];
  });
  return [
    ...(rows.length === 0 ? [] : [...tableLines({ titles }, rows, pc), '']),
    ...unread.flatMap(({ scope, reason }) =>
      wrapLine(`${pc.red('✖')} not read: ${plainText(`${scope}: ${reason}`)}`, output),
    ),
    ...wrapLine(summaryLine({ shown, total, unread }, pc), output),
  ];
}

function summaryLine({ shown, total, unread }: Shown, pc: Palette): string {
  const wrong = shown.filter(isWrong).length;
  const text = `${wrong} of ${count(total, 'container group')} not right`;
  if (unread.length > 0) return `${pc.red('✖')} incomplete: ${text}, as far as could be read`;
  if (wrong > 0) return `${pc.red('✖')} ${text}; evenkeel audit says what repairs them`;
  return total === 0
    ? `${pc.yellow('!')} no container group`
    : `${pc.green('✔')} ${count(total, 'container group')}, all right`;
}
