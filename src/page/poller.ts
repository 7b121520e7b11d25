import type { Status } from './status.ts';

/** What came of asking the app; a refusal is one sentence that says what to do. */
export type Asked =
  | { readonly ok: true; readonly status: Status }
  | { readonly ok: false; readonly message: string; readonly retryAfterMs: number };

export interface Failure {
  readonly message: string;
  /** By the page's clock, of the first of the failures in a row. */
  readonly sinceMs: number;
  readonly times: number;
}

/** What the page has to show. */
export interface View {
  /** The last that was answered, however old it is. */
  readonly status: Status | undefined;
  /** By the page's clock. */
  readonly receivedAtMs: number | undefined;
  readonly failure: Failure | undefined;
  readonly isPaused: boolean;
  readonly isAsking: boolean;
  /** By the page's clock; `undefined` while nothing is planned. */
  readonly nextAtMs: number | undefined;
}

interface PollerPorts {
  readonly ask: () => Promise<Asked>;
  readonly show: (view: View) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  /** Calls back once. @returns what calls it off. */
  readonly after: (ms: number, work: () => void) => () => void;
  readonly isHidden: () => boolean;
}

interface Poller {
  /** Asks at once, also while paused. */
  refresh(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The page came into view, or went out of it. */
  turned(): void;
}

export const intervalMs = 5_000;
export const longestPauseMs = 60_000;

/** Asks every few seconds as long as somebody looks, and less often while nobody answers. */
export function startPoller({ ask, show, nowMs, after, isHidden }: PollerPorts): Poller {
  let view: View = {
    ...{ status: undefined, receivedAtMs: undefined, failure: undefined, nextAtMs: undefined },
    ...{ isPaused: false, isAsking: false },
  };
  let callOff = () => {};
  const turn = (change: Partial<View>) => {
    view = { ...view, ...change };
    show(view);
  };

  function plan(ms: number): void {
    callOff();
    const isAwake = !view.isPaused && !isHidden();
    if (isAwake) callOff = after(ms, () => void refresh());
    turn({ nextAtMs: isAwake ? nowMs() + ms : undefined });
  }

  async function refresh(): Promise<void> {
    if (view.isAsking) return;
    callOff();
    turn({ isAsking: true, nextAtMs: undefined });
    const asked = await ask();
    if (asked.ok) {
      turn({ isAsking: false, status: asked.status, receivedAtMs: nowMs(), failure: undefined });
      plan(intervalMs);
      return;
    }
    const { sinceMs = nowMs(), times = 0 } = view.failure ?? {};
    turn({ isAsking: false, failure: { message: asked.message, sinceMs, times: times + 1 } });
    plan(Math.min(longestPauseMs, Math.max(intervalMs * 2 ** times, asked.retryAfterMs)));
  }

  void refresh();
  return {
    refresh,
    pause() {
      callOff();
      turn({ isPaused: true, nextAtMs: undefined });
    },
    resume() {
      turn({ isPaused: false });
      void refresh();
    },
    turned() {
      if (isHidden()) plan(intervalMs);
      else if (!view.isPaused) void refresh();
    },
  };
}
