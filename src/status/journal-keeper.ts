import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { Signal, SignalPublisher } from '../signals/signal.ts';
import {
  emptyJournalPage,
  type JournalConflict,
  type JournalPage,
  withGroup,
  withRepair,
  withSignals,
} from './journal.ts';

/** Stores the pages of all processes. Each call ends at the deadline, whatever storage does. */
export interface JournalStore {
  /** Replaces the page of this process. */
  write(page: JournalPage, deadline: Deadline): Promise<void>;
  /** Reads the pages of the other processes. */
  readOthers(deadline: Deadline): Promise<readonly JournalPage[]>;
}

/** Writes down what this process does. */
export interface JournalKeeper {
  recordRepair(trigger: 'event' | 'audit'): void;
  /** The group's records are right. */
  recordReconciled(group: string): void;
  recordConflict(group: string, conflict: JournalConflict): void;
  /** @returns the same publisher, which also records what it has published. */
  recordingPublisher(publisher: SignalPublisher): SignalPublisher;
  page(): JournalPage;
  /** Writes the page if it has changed, at most once in some seconds. Never throws: the journal is for people only. */
  flush(): Promise<void>;
}

const minWriteIntervalMs = 10_000;
/** Invocations wait for the journal, and can do without it. */
const writeMs = 3_000;

export function journalKeeper(
  store: () => Promise<JournalStore | undefined>,
  now: () => Date,
): JournalKeeper {
  let page = emptyJournalPage;
  let isDirty = false;
  let lastWrittenAtMs = Number.NEGATIVE_INFINITY;

  function update(next: JournalPage): void {
    page = next;
    isDirty = true;
  }

  async function flush(): Promise<void> {
    const nowMs = now().getTime();
    if (!isDirty || nowMs - lastWrittenAtMs < minWriteIntervalMs) return;
    isDirty = false;
    lastWrittenAtMs = nowMs;
    try {
      await (await store())?.write(page, deadlineIn(writeMs));
    } catch {
      // Storage that does not work is logged elsewhere, and the next write holds all of this one.
      isDirty = true;
    }
  }

  return {
    recordRepair: (trigger) => update(withRepair(page, trigger, now())),
    recordReconciled(group) {
      const next = withGroup(page, group, undefined, now());
      // Most events find their group right already: only the end of a conflict is worth a write.
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
