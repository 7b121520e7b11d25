import type { AuditReport } from '../dns/audit/report.ts';
import { cellAt, cellMs, cellsOfDay, emptyMark, marksUntil, ownValue, type Strip } from '../lib/last-day.ts';
import { cellsOf } from '../replication/copies-of-day.ts';
import type { CopyReport } from '../replication/copy-time-report.ts';
import type { RegistryStatus } from '../routing/status-view.ts';
import type { Journal } from './journal.ts';
import { type Part, partValue, type StatusParts } from './parts.ts';
import type { History } from './schema.ts';

/** The last 24 hours, for people to look at. `docs/status-page.md` explains each field. */
export function historyOf({ now, spokes, audit, journal, copies, reviews }: HistoryParts): History {
  const last = cellAt(now.getTime());
  return {
    until: new Date((last + 1) * cellMs).toISOString(),
    cellMs,
    cells: cellsOfDay,
    spokes: spokes.map((key) => ({
      key,
      audits: isUnread(audit) ? null : marksOf(ownValue(partValue(audit)?.strips ?? {}, key), last),
      repairs: isUnread(journal)
        ? null
        : repairsOf(ownValue(partValue(journal)?.spokes ?? {}, key) ?? [], last),
    })),
    registries:
      partValue(reviews)?.map(({ registry, id, replicas, strips }) => ({
        registry,
        id,
        replicas: replicas.map(({ region, name }) => ({
          region,
          name,
          reviews: marksOf(strips.get(name), last),
        })),
      })) ?? null,
    copies: isUnread(copies) ? null : copiesOf(partValue(copies)?.lastDay ?? {}, last),
  };
}

export interface HistoryParts extends Pick<StatusParts, 'now' | 'spokes'> {
  readonly audit: Part<Pick<AuditReport, 'strips'> | undefined>;
  readonly journal: Part<Pick<Journal, 'spokes'> | undefined>;
  readonly copies: Part<Pick<CopyReport, 'lastDay'>>;
  readonly reviews: Part<readonly RegistryStatus[]>;
}

const isUnread = (part: Part<unknown>): boolean => 'failure' in part;

const noMarks = emptyMark.repeat(cellsOfDay);
const marksOf = (strip: Strip | undefined, last: number): string =>
  strip === undefined ? noMarks : marksUntil(strip, last);

/** The index of a cell in the strips of this document. */
const indexOf = (cell: number, last: number): number => cellsOfDay - 1 - (last - cell);
const isShown = (index: number): boolean => index >= 0 && index < cellsOfDay;

function repairsOf(rows: readonly number[], last: number): number[][] {
  const shown: number[][] = [];
  for (let at = 0; at + 3 <= rows.length; at += 3) {
    const index = indexOf(rows[at] ?? 0, last);
    if (isShown(index)) shown.push([index, ...rows.slice(at + 1, at + 3)]);
  }
  return shown;
}

const copiesOf = (regions: CopyReport['lastDay'], last: number) =>
  Object.keys(regions)
    .sort()
    .map((region) => ({
      region,
      copies: cellsOf(regions[region] ?? []).flatMap(({ cell, copies, p50Ms, p95Ms }) => {
        const index = indexOf(cell, last);
        return isShown(index) ? [[index, copies, p50Ms, p95Ms]] : [];
      }),
    }));
