import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { Signal, SignalPublisher } from '../signals/signal.ts';
import {
  emptyJournalPage,
  type JournalConflict,
  type JournalPage,
  withConflict,
  withReconciled,
  withRepair,
  withSignals,
} from './journal.ts';

/** Stores the pages of all processes. Each call ends at the deadline, whatever storage does. */
export interface JournalStore {
  /** Writes the page with this id. */
  write(id: string, page: JournalPage, deadline: Deadline): Promise<void>;
  /** Reads all pages but one; those that nobody will write again may come as one. */
  readOthers(ownId: string, deadline: Deadline): Promise<readonly JournalPage[]>;
}

/** Writes down what this process does. */
export interface JournalKeeper {
  recordRepair(trigger: 'event' | 'audit', spoke: string): void;
  /** The group's records are right. */
  recordReconciled(group: string): void;
  recordConflict(group: string, conflict: JournalConflict): void;
  /** @returns the same publisher, which also records what it has published. */
  recordingPublisher(publisher: SignalPublisher): SignalPublisher;
  /** The page of this process, as it would be written now. */
  page(): { readonly id: string; readonly page: JournalPage };
  /** Writes the page if it has changed, at most once in some seconds. Never throws: the journal is for people only. */
  flush(): Promise<void>;
}

const minWriteIntervalMs = 10_000;
/** Invocations wait for the journal, and can do without it. */
const writeMs = 3_000;
/** As many as a page keeps. */
const maxReconciled = 200;
/** Readers take over pages that nobody has written for a day. */
const renewedAfterMs = 12 * 60 * 60 * 1000;

/** @param newId gives the id of a page: one that no other process has. */
export function journalKeeper(
  store: () => Promise<JournalStore | undefined>,
  now: () => Date,
  newId: () => string,
): JournalKeeper {
  let id = newId();
  let page = emptyJournalPage;
  let isDirty = false;
  let lastWrittenAtMs = Number.NEGATIVE_INFINITY;
  /** Not in the page yet: almost every event adds one, and a page of many groups is made anew for each change. */
  const reconciled = new Map<string, Date>();

  function current(): JournalPage {
    if (reconciled.size > 0) page = withReconciled(page, reconciled);
    reconciled.clear();
    return page;
  }

  /** A process that had nothing to write for long begins another page: readers may have taken over the first one. */
  function renewIfOld(): void {
    const isOld = Number.isFinite(lastWrittenAtMs) && now().getTime() - lastWrittenAtMs > renewedAfterMs;
    if (!isOld || isDirty) return;
    id = newId();
    page = emptyJournalPage;
  }

  function update(change: (page: JournalPage) => JournalPage): void {
    current();
    renewIfOld();
    page = change(page);
    isDirty = true;
  }

  async function flush(): Promise<void> {
    const nowMs = now().getTime();
    if (!isDirty || nowMs - lastWrittenAtMs < minWriteIntervalMs) return;
    isDirty = false;
    lastWrittenAtMs = nowMs;
    try {
      await (await store())?.write(id, current(), deadlineIn(writeMs));
    } catch {
      // Storage that does not work is logged elsewhere, and the next write holds all of this one.
      isDirty = true;
    }
  }

  return {
    recordRepair: (trigger, spoke) => update((before) => withRepair(before, trigger, spoke, now())),
    recordReconciled(group) {
      // Most events find their group right already: only the end of a conflict is worth a write.
      if (page.groups[group]?.conflict !== undefined) {
        update((before) => withReconciled(before, new Map([[group, now()]])));
        return;
      }
      reconciled.set(group, now());
      if (reconciled.size >= maxReconciled) current();
    },
    recordConflict: (group, conflict) => update((before) => withConflict(before, group, conflict, now())),
    recordingPublisher: (publisher) => ({
      async publish(signals: readonly Signal[]) {
        await publisher.publish(signals);
        if (signals.length === 0) return;
        update((before) => withSignals(before, signals, now()));
        await flush();
      },
    }),
    page: () => ({ id, page: current() }),
    flush,
  };
}
