import * as v from 'valibot';
import { cellAt, numbersSchema } from '../lib/last-day.ts';
import type { Signal } from '../signals/signal.ts';
import { type RepairCounts, sumOfRepairs, withRepairAt } from './repair-counts.ts';

/**
 * What evenkeel did lately, for people; it decides nothing. Each process has a page of its own, so that none has to
 * wait for another, and readers merge the pages. Times are ISO 8601 in UTC.
 */

/** Enough for people to see what goes on. */
const retention = { days: 7, signals: 50, groups: 200, groupsOfAll: 500, spokes: 500 };

const time = v.string();
const pageSchema = v.object({
  /** Repairs of DNS by the day, `2026-11-21`. */
  repairs: v.record(v.string(), v.object({ event: v.number(), audit: v.number() })),
  /** Repairs of the last day by spoke, see `repair-counts.ts`. */
  spokes: v.optional(v.record(v.string(), numbersSchema), {}),
  /** The last reconcile of each container group, and the conflict that stopped it, if one did. */
  groups: v.record(
    v.string(),
    v.object({ at: time, conflict: v.optional(v.object({ recordSet: v.string(), owner: v.string() })) }),
  ),
  /** Newest first. */
  signals: v.array(v.object({ id: v.string(), type: v.string(), subject: v.string(), at: time })),
});

/** The page of one process. The names of its fields are stored. */
export type JournalPage = v.InferOutput<typeof pageSchema>;

export const emptyJournalPage: JournalPage = { repairs: {}, spokes: {}, groups: {}, signals: [] };

/** @returns an empty page for what no version has written. */
export function parseJournalPage(value: unknown): JournalPage {
  const parsed = v.safeParse(pageSchema, value);
  return parsed.success ? parsed.output : emptyJournalPage;
}

/** @param spoke the key of the zone map. */
export function withRepair(
  page: JournalPage,
  trigger: 'event' | 'audit',
  spoke: string,
  now: Date,
): JournalPage {
  const day = dayOf(now);
  const before = page.repairs[day] ?? { event: 0, audit: 0 };
  const repairs = { ...page.repairs, [day]: { ...before, [trigger]: before[trigger] + 1 } };
  const spokes = withRepairAt(page.spokes, spoke, trigger, cellAt(now.getTime()));
  return {
    ...page,
    repairs: keepNewest(repairs, retention.days, ([name]) => name),
    spokes: keepNewest(spokes, retention.spokes, ([, rows]) => lastCellOf(rows)),
  };
}

/** A record set that a container group wants and another one owns. */
export interface JournalConflict {
  readonly recordSet: string;
  readonly owner: string;
}

export const withConflict = (
  page: JournalPage,
  group: string,
  conflict: JournalConflict,
  now: Date,
): JournalPage => withGroups(page, { [group]: { at: now.toISOString(), conflict } });

/** @param reconciled the container groups whose records are right, and when they were found so. */
export const withReconciled = (page: JournalPage, reconciled: ReadonlyMap<string, Date>): JournalPage =>
  withGroups(
    page,
    Object.fromEntries(Array.from(reconciled, ([group, at]) => [group, { at: at.toISOString() }])),
  );

const withGroups = (page: JournalPage, groups: JournalPage['groups']): JournalPage => ({
  ...page,
  groups: keepNewest({ ...page.groups, ...groups }, retention.groups, ([, { at }]) => at),
});

export function withSignals(page: JournalPage, published: readonly Signal[], now: Date): JournalPage {
  const at = now.toISOString();
  const added = published.map(({ id, type, subject }) => ({ id, type, subject, at }));
  return { ...page, signals: [...added.toReversed(), ...page.signals].slice(0, retention.signals) };
}

/** One page that says what several say, within the bounds of one. */
export function combineJournalPages(pages: readonly JournalPage[], now: Date): JournalPage {
  const repairs: Record<string, { event: number; audit: number }> = {};
  for (const [day, { event, audit }] of repairsSince(pages, now)) {
    const sum = repairs[day] ?? { event: 0, audit: 0 };
    repairs[day] = { event: sum.event + event, audit: sum.audit + audit };
  }
  const groups = keepNewest(
    Object.fromEntries(latestByGroup(pages)),
    retention.groupsOfAll,
    // A conflict lasts until somebody finds the records right, however long ago it began.
    ([, { at, conflict }]) => `${conflict === undefined ? 0 : 1} ${at}`,
  );
  return { repairs, spokes: spokesOf(pages, now), groups, signals: signalsOf(pages) };
}

/** The pages of all processes, merged. */
export interface Journal {
  /** Repairs of the last seven days. */
  readonly repairs: { readonly event: number; readonly audit: number };
  /** Repairs of the last day by spoke, see `repair-counts.ts`. */
  readonly spokes: RepairCounts;
  readonly conflicts: readonly (JournalConflict & {
    readonly containerGroup: string;
    readonly since: string;
  })[];
  /** The time at which each container group's records were last found right. */
  readonly reconciledAt: ReadonlyMap<string, string>;
  /** Newest first, each once. */
  readonly signals: JournalPage['signals'];
}

/** A conflict is over when any process found the group's records right after it. */
export function mergeJournalPages(pages: readonly JournalPage[], now: Date): Journal {
  const conflicts: Journal['conflicts'][number][] = [];
  const reconciledAt = new Map<string, string>();
  for (const [containerGroup, { at, conflict }] of latestByGroup(pages)) {
    if (conflict === undefined) reconciledAt.set(containerGroup, at);
    else conflicts.push({ containerGroup, ...conflict, since: at });
  }
  return {
    repairs: repairsOf(pages, now),
    spokes: spokesOf(pages, now),
    conflicts,
    reconciledAt,
    signals: signalsOf(pages),
  };
}

function repairsOf(pages: readonly JournalPage[], now: Date): Journal['repairs'] {
  const days = repairsSince(pages, now);
  const sum = (trigger: 'event' | 'audit') => days.reduce((total, [, counts]) => total + counts[trigger], 0);
  return { event: sum('event'), audit: sum('audit') };
}

/** The repairs of each page and each of the last days. */
function repairsSince(pages: readonly JournalPage[], now: Date) {
  const firstDay = dayOf(new Date(now.getTime() - (retention.days - 1) * 86_400_000));
  return pages.flatMap(({ repairs }) => Object.entries(repairs)).filter(([day]) => day >= firstDay);
}

const spokesOf = (pages: readonly JournalPage[], now: Date): RepairCounts =>
  sumOfRepairs(
    pages.map(({ spokes }) => spokes),
    cellAt(now.getTime()),
  );

/** As text that sorts like the number. */
const lastCellOf = (rows: readonly number[]): string => String(rows.at(-3) ?? 0).padStart(9, '0');

function latestByGroup(pages: readonly JournalPage[]): Map<string, JournalPage['groups'][string]> {
  const latest = new Map<string, JournalPage['groups'][string]>();
  for (const page of pages) {
    for (const [group, entry] of groupsIn(page)) {
      const other = latest.get(group);
      if (other === undefined || other.at < entry.at) latest.set(group, entry);
    }
  }
  return latest;
}

/** Pages are read far more often than they change. */
const groupsOfPages = new WeakMap<JournalPage, [string, JournalPage['groups'][string]][]>();

function groupsIn(page: JournalPage) {
  const known = groupsOfPages.get(page);
  if (known !== undefined) return known;
  const groups = Object.entries(page.groups);
  groupsOfPages.set(page, groups);
  return groups;
}

function signalsOf(pages: readonly JournalPage[]): JournalPage['signals'] {
  let newest = new Map<string, JournalPage['signals'][number]>();
  /** What is older has no place among them. */
  let oldestAt = '';
  for (const { signals } of pages) {
    for (const signal of signals) {
      if (signal.at < oldestAt) continue;
      const known = newest.get(signal.id);
      if (known === undefined || known.at < signal.at) newest.set(signal.id, signal);
    }
    if (newest.size < 4 * retention.signals) continue;
    const kept = newestSignals(newest);
    newest = new Map(kept.map((signal) => [signal.id, signal]));
    oldestAt = kept.at(-1)?.at ?? '';
  }
  return newestSignals(newest);
}

const newestSignals = (signals: ReadonlyMap<string, JournalPage['signals'][number]>) =>
  [...signals.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, retention.signals);

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function keepNewest<T>(
  record: Readonly<Record<string, T>>,
  count: number,
  ageKey: (entry: readonly [string, T]) => string,
): Record<string, T> {
  const entries = Object.entries(record);
  if (entries.length <= count) return { ...record };
  return Object.fromEntries(entries.sort((a, b) => (ageKey(a) < ageKey(b) ? 1 : -1)).slice(0, count));
}
