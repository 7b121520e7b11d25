import { cellAt, joinStrips, ownValue, type Strip } from '../../lib/last-day.ts';
import type { AuditReport } from './report.ts';

/**
 * What the audits of half an hour found in a spoke, in one character.
 *
 * | mark       | the audits                                                    |
 * |------------|---------------------------------------------------------------|
 * | `?`        | did not read everything, and found nothing in what they read  |
 * | `0`        | read everything, and found nothing                            |
 * | `1` … `z`  | found so many record sets (base 36); `z` is 35 or more        |
 *
 * Of two audits, the one further down in the table counts.
 */
export function auditMark(findings: number, complete: boolean): string {
  if (findings === 0 && !complete) return '?';
  return Math.min(findings, maxMark).toString(36);
}

const maxMark = 35;

export const joinAuditMarks = (a: string, b: string): string => (rankOf(a) >= rankOf(b) ? a : b);

const rankOf = (mark: string): number => (mark === '?' ? -1 : Number.parseInt(mark, 36));

/** The strips of the last day by spoke, with one more audit. Spokes that are gone from the zone map are left out. */
export function stripsAfter(
  before: AuditReport['strips'],
  { finishedAt, complete, spokes }: Pick<AuditReport, 'finishedAt' | 'complete' | 'spokes'>,
): Record<string, Strip> {
  const last = cellAt(Date.parse(finishedAt));
  return Object.fromEntries(
    spokes.map(({ key, findings }) => [
      key,
      joinStrips(ownValue(before, key), { last, marks: auditMark(findings, complete) }, joinAuditMarks),
    ]),
  );
}
