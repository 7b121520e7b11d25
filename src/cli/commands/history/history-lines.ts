import type { Observation } from '../../../azure/logs-query.ts';
import { formatDuration } from '../../output/duration.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup } from '../../output/text.ts';

interface Asked {
  readonly record: string;
  readonly start: Date;
  readonly limit: number;
}

const titles = ['time', 'finding', 'live address', 'recorded', 'after', 'container group'];

/** docs/drift-table.md explains the findings. */
const findingTexts: Readonly<Record<string, string>> = {
  first_seen: 'first seen',
  no_change: 'right',
  drift_detected: 'drift',
  ptr_missing: 'no PTR',
  ptr_differs: 'other PTR',
};

/** The observations as a table, the newest first, and how many there are. */
export function historyLines(
  observations: readonly Observation[],
  { record, start, limit }: Asked,
  pc: Palette,
): string[] {
  const since = start.toISOString();
  if (observations.length === 0) return [`Nothing was observed of ${plainText(record)} since ${since}`];
  const rows = observations.map((one) => [
    plainText(one.TimeGenerated),
    (one.Finding === 'no_change' ? pc.green : pc.yellow)(findingTexts[one.Finding] ?? plainText(one.Finding)),
    plainText(one.LiveAddress || 'none'),
    plainText(one.RecordAddress || 'none'),
    one.LagMs === null ? '-' : formatDuration(one.LagMs),
    plainText(shortGroup(one.ContainerGroup)),
  ]);
  const isCut = observations.length === limit;
  return [
    ...tableLines({ titles }, rows, pc),
    '',
    `${count(observations.length, 'observation')} since ${since}${isCut ? '; --limit shows more' : ''}`,
  ];
}
