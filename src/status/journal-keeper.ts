import type { Signal, SignalPublisher } from '../signals/signal.ts';
import { emptyPage, type JournalPage, withGroup, withRepair, withSignals } from './journal.ts';

/** Keeps the pages of all processes. */
export interface JournalStore {
  /** Replaces the page of this process. */
  write(page: JournalPage): Promise<void>;
  /** The pages of the other processes. */
  readOthers(): Promise<readonly JournalPage[]>;
}

/** What this process did, written down now and then. */
export interface JournalKeeper {
  repaired(attribution: 'event' | 'audit'): void;
  settled(group: string): void;
  conflicted(group: string, conflict: { readonly recordSet: string; readonly owner: string }): void;
  /** The same publisher, noting what was published. */
  noting(publisher: SignalPublisher): SignalPublisher;
  page(): JournalPage;
  /** Writes the page when there is something new, at most every some seconds. Never throws: it is for people only. */
  flush(): Promise<void>;
}

const pauseMs = 10_000;

export function journalKeeper(
  store: () => Promise<JournalStore | undefined>,
  now: () => Date,
): JournalKeeper {
  let page = emptyPage;
  let isNews = false;
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  const turn = (next: JournalPage) => {
    page = next;
    isNews = true;
  };
  async function flush(): Promise<void> {
    const nowMs = now().getTime();
    if (!isNews || nowMs - writtenAtMs < pauseMs) return;
    isNews = false;
    writtenAtMs = nowMs;
    try {
      await (await store())?.write(page);
    } catch {
      // Whatever keeps storage from working has lines of its own, and the next page holds all of this one.
      isNews = true;
    }
  }
  return {
    repaired: (attribution) => turn(withRepair(page, attribution, now())),
    settled(group) {
      const next = withGroup(page, group, undefined, now());
      // That all is well is no news, and most events find it so.
      if (page.groups[group]?.conflict === undefined) page = next;
      else turn(next);
    },
    conflicted: (group, conflict) => turn(withGroup(page, group, conflict, now())),
    noting: (publisher) => ({
      async publish(signals: readonly Signal[]) {
        await publisher.publish(signals);
        if (signals.length === 0) return;
        turn(withSignals(page, signals, now()));
        await flush();
      },
    }),
    page: () => page,
    flush,
  };
}
