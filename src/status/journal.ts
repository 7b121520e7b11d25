import * as v from 'valibot';
import type { Signal, SignalPublisher } from '../signals/signal.ts';

/** How much of it is kept: enough for people to see what goes on. */
const retention = { days: 7, signals: 50, groups: 200 };

const time = v.string();
const schema = v.object({
  /** Repairs of DNS by the day, `2026-11-21`. */
  repairs: v.record(v.string(), v.object({ event: v.number(), audit: v.number() })),
  /** The last that was seen of container groups: when they were right, or what was in their way. */
  groups: v.record(
    v.string(),
    v.object({ at: time, conflict: v.optional(v.object({ recordSet: v.string(), owner: v.string() })) }),
  ),
  /** The newest first. */
  signals: v.array(v.object({ id: v.string(), type: v.string(), subject: v.string(), at: time })),
});

/** What one process did lately, for people. Times are ISO 8601 in UTC. It decides nothing. */
type JournalPage = v.InferOutput<typeof schema>;

const emptyPage: JournalPage = { repairs: {}, groups: {}, signals: [] };

/** @returns an empty page for what no version has written. */
export function parseJournalPage(value: unknown): JournalPage {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : emptyPage;
}

function withRepair(page: JournalPage, trigger: 'event' | 'audit', now: Date): JournalPage {
  const day = dayOf(now);
  const before = page.repairs[day] ?? { event: 0, audit: 0 };
  const repairs = { ...page.repairs, [day]: { ...before, [trigger]: before[trigger] + 1 } };
  return { ...page, repairs: keepNewest(repairs, retention.days, ([name]) => name) };
}

/** @param conflict what is in the group's way; `undefined` when its records are right. */
function withGroup(
  page: JournalPage,
  group: string,
  conflict: { readonly recordSet: string; readonly owner: string } | undefined,
  now: Date,
): JournalPage {
  const entry = { at: now.toISOString(), ...(conflict === undefined ? {} : { conflict }) };
  const groups = { ...page.groups, [group]: entry };
  return { ...page, groups: keepNewest(groups, retention.groups, ([, { at }]) => at) };
}

function withSignals(page: JournalPage, published: readonly Signal[], now: Date): JournalPage {
  const at = now.toISOString();
  const added = published.map(({ id, type, subject }) => ({ id, type, subject, at }));
  return { ...page, signals: [...added.toReversed(), ...page.signals].slice(0, retention.signals) };
}

/** What all processes did. */
export interface Journal {
  readonly repairs: { readonly event: number; readonly audit: number };
  readonly conflicts: readonly { containerGroup: string; recordSet: string; owner: string; since: string }[];
  /** By container group: when its records were last seen to be right. */
  readonly reconciledAt: ReadonlyMap<string, string>;
  /** The newest first, each once. */
  readonly signals: JournalPage['signals'];
}

/** A conflict is over when any process saw the group's records right after it. */
export function mergeJournalPages(pages: readonly JournalPage[], now: Date): Journal {
  const firstDay = dayOf(new Date(now.getTime() - (retention.days - 1) * 86_400_000));
  const days = pages.flatMap(({ repairs }) => Object.entries(repairs)).filter(([day]) => day >= firstDay);
  const sum = (trigger: 'event' | 'audit') => days.reduce((total, [, counts]) => total + counts[trigger], 0);
  const last = new Map<string, JournalPage['groups'][string]>();
  for (const [group, seen] of pages.flatMap(({ groups }) => Object.entries(groups))) {
    const other = last.get(group);
    if (other === undefined || other.at < seen.at) last.set(group, seen);
  }
  const conflicts = [...last].flatMap(([containerGroup, { at, conflict }]) =>
    conflict === undefined ? [] : [{ containerGroup, ...conflict, since: at }],
  );
  const signals = pages
    .flatMap((page) => page.signals)
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .filter(({ id }, index, all) => all.findIndex((other) => other.id === id) === index);
  return {
    repairs: { event: sum('event'), audit: sum('audit') },
    conflicts,
    reconciledAt: new Map(
      [...last].flatMap(([group, { at, conflict }]) => (conflict === undefined ? [[group, at]] : [])),
    ),
    signals: signals.slice(0, retention.signals),
  };
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function keepNewest<T>(
  record: Readonly<Record<string, T>>,
  count: number,
  by: (entry: readonly [string, T]) => string,
): Record<string, T> {
  const entries = Object.entries(record);
  if (entries.length <= count) return { ...record };
  return Object.fromEntries(entries.sort((a, b) => (by(a) < by(b) ? 1 : -1)).slice(0, count));
}

/** Keeps the pages of all processes. */
export interface JournalStore {
  /** Replaces the page of this process. */
  write(page: JournalPage): Promise<void>;
  /** The pages of the other processes. */
  readOthers(): Promise<readonly JournalPage[]>;
}

/** What this process did, written down now and then. */
export interface JournalKeeper {
  recordRepair(trigger: 'event' | 'audit'): void;
  recordReconciled(group: string): void;
  recordConflict(group: string, conflict: { readonly recordSet: string; readonly owner: string }): void;
  /** The same publisher, noting what was published. */
  recordingPublisher(publisher: SignalPublisher): SignalPublisher;
  page(): JournalPage;
  /** Writes the page when there is something new, at most every some seconds. Never throws: it is for people only. */
  flush(): Promise<void>;
}

const minWriteIntervalMs = 10_000;

export function journalKeeper(
  store: () => Promise<JournalStore | undefined>,
  now: () => Date,
): JournalKeeper {
  let page = emptyPage;
  let isDirty = false;
  let lastWrittenAtMs = Number.NEGATIVE_INFINITY;
  const update = (next: JournalPage) => {
    page = next;
    isDirty = true;
  };
  async function flush(): Promise<void> {
    const nowMs = now().getTime();
    if (!isDirty || nowMs - lastWrittenAtMs < minWriteIntervalMs) return;
    isDirty = false;
    lastWrittenAtMs = nowMs;
    try {
      await (await store())?.write(page);
    } catch {
      // Whatever keeps storage from working has lines of its own, and the next page holds all of this one.
      isDirty = true;
    }
  }
  return {
    recordRepair: (trigger) => update(withRepair(page, trigger, now())),
    recordReconciled(group) {
      const next = withGroup(page, group, undefined, now());
      // That all is well is no news, and most events find it so.
      if (page.groups[group]?.conflict === undefined) page = next;
      else update(next);
    },
    recordConflict: (group, conflict) => update(withGroup(page, group, conflict, now())),
    recordingPublisher: (publisher) => ({
      async publish(signals: readonly Signal[]) {
        await publisher.publish(signals);
        if (signals.length === 0) return;
        update(withSignals(page, signals, now()));
        await flush();
      },
    }),
    page: () => page,
    flush,
  };
}
