import type { StatusDocument } from '../status/schema.ts';

/** The outcome of one request; a failure is one sentence that says what to do. */
export type FetchResult =
  | { readonly ok: true; readonly status: StatusDocument }
  | { readonly ok: false; readonly message: string; readonly retryAfterMs: number };

/** Requests that failed in a row. */
export interface Failure {
  /** The sentence of the last one. */
  readonly message: string;
  /** Time of the first failure, by the page's clock. */
  readonly sinceMs: number;
  readonly count: number;
}

/** Everything that the page shows. Times are by the page's clock. */
export interface View {
  /** The last answer, however old it is. */
  readonly status: StatusDocument | undefined;
  readonly receivedAtMs: number | undefined;
  readonly failure: Failure | undefined;
  readonly isPaused: boolean;
  readonly isFetching: boolean;
  /** The next request; `undefined` while none is planned. */
  readonly nextAtMs: number | undefined;
}

interface PollerPorts {
  readonly fetchStatus: () => Promise<FetchResult>;
  readonly render: (view: View) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  /** Calls back once. @returns a function that cancels the call. */
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
  readonly isHidden: () => boolean;
}

interface Poller {
  /** Asks at once, also while paused. */
  refresh(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The page has come into view or gone out of it. */
  onVisibilityChange(): void;
}

export const intervalMs = 5_000;
export const maxIntervalMs = 60_000;

const initialView: View = {
  status: undefined,
  receivedAtMs: undefined,
  failure: undefined,
  isPaused: false,
  isFetching: false,
  nextAtMs: undefined,
};

/** Asks every few seconds while somebody is looking, and backs off while requests fail. */
export function startPoller({ fetchStatus, render, nowMs, schedule, isHidden }: PollerPorts): Poller {
  let view = initialView;
  let cancel = () => {};

  function update(change: Partial<View>): void {
    view = { ...view, ...change };
    render(view);
  }

  function planNext(delayMs: number): void {
    cancel();
    const isActive = !view.isPaused && !isHidden();
    if (isActive) cancel = schedule(delayMs, () => void refresh());
    update({ nextAtMs: isActive ? nowMs() + delayMs : undefined });
  }

  async function refresh(): Promise<void> {
    if (view.isFetching) return;
    cancel();
    update({ isFetching: true, nextAtMs: undefined });
    const result = await fetchStatus();
    if (result.ok) {
      update({ isFetching: false, status: result.status, receivedAtMs: nowMs(), failure: undefined });
      planNext(intervalMs);
      return;
    }
    const { sinceMs = nowMs(), count = 0 } = view.failure ?? {};
    update({ isFetching: false, failure: { message: result.message, sinceMs, count: count + 1 } });
    planNext(Math.min(maxIntervalMs, Math.max(intervalMs * 2 ** count, result.retryAfterMs)));
  }

  void refresh();
  return {
    refresh,
    pause() {
      cancel();
      update({ isPaused: true, nextAtMs: undefined });
    },
    resume() {
      update({ isPaused: false });
      void refresh();
    },
    onVisibilityChange() {
      if (isHidden()) planNext(intervalMs);
      else if (!view.isPaused) void refresh();
    },
  };
}
