import type { StatusDocument } from '../status/schema.ts';
import type { FetchProblem } from './fetch-problem.ts';

/** The outcome of one request. */
export type FetchResult =
  | { readonly ok: true; readonly status: StatusDocument }
  | { readonly ok: false; readonly problem: FetchProblem; readonly retryAfterMs: number };

/** Requests that failed in a row. */
export interface Failure {
  /** Of the last one. */
  readonly problem: FetchProblem;
  /** Time of the first failure, by the page's clock. */
  readonly sinceMs: number;
  readonly count: number;
  /** Whether a person asked for the last one, and waits for what comes of it. */
  readonly isByHand: boolean;
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

/**
 * Asks every few seconds while somebody is looking, and backs off while requests fail. A refused key is tried once:
 * after that only a person makes it ask again.
 */
export function startPoller({ fetchStatus, render, nowMs, schedule, isHidden }: PollerPorts): Poller {
  let view = initialView;
  let cancel = () => {};

  function update(change: Partial<View>): void {
    view = { ...view, ...change };
    render(view);
  }

  function planNext(delayMs: number): void {
    cancel();
    const isActive = !view.isPaused && !isHidden() && !isKeyRefused();
    if (isActive) cancel = schedule(delayMs, () => void refresh(false));
    update({ nextAtMs: isActive ? nowMs() + delayMs : undefined });
  }

  const isKeyRefused = () => view.failure?.problem.kind === 'keyRefused';

  async function refresh(isByHand: boolean): Promise<void> {
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
    const failure = { problem: result.problem, sinceMs, count: count + 1, isByHand };
    update({ isFetching: false, failure });
    planNext(Math.min(maxIntervalMs, Math.max(intervalMs * 2 ** count, result.retryAfterMs)));
  }

  void refresh(false);
  return {
    refresh: () => refresh(true),
    pause() {
      cancel();
      update({ isPaused: true, nextAtMs: undefined });
    },
    resume() {
      update({ isPaused: false });
      void refresh(true);
    },
    onVisibilityChange() {
      if (isHidden()) planNext(intervalMs);
      else if (!view.isPaused && !isKeyRefused()) void refresh(false);
    },
  };
}
