/** Keeps calls from endpoints that do not answer, so that one silent region does not use up the time of all others. */
interface Breaker {
  /** Whether a call may be made now. After a pause that is one call, until it has ended. */
  admits(key: string): boolean;
  /** @param isSilent whether the call ended without an answer in time. */
  end(key: string, isSilent: boolean): void;
}

/** So many calls in a row, without an answer, begin a pause. */
const silentLimit = 3;
/** Calls that were silent longer ago than this belong to another outage. */
const memoryMs = 60_000;
const pauseMs = 10_000;

interface Silence {
  readonly calls: number;
  readonly lastMs: number;
  /** Until when no call is made; 0 without a pause. */
  readonly pausedUntilMs: number;
}

/**
 * | an endpoint                                   | a call                                                |
 * |-----------------------------------------------|-------------------------------------------------------|
 * | that answers anything                         | is made                                               |
 * | that was silent three times in a row          | is not made for ten seconds                           |
 * | whose pause has ended                         | is made once; the others wait for how it ends         |
 */
export function breaker(now: () => Date): Breaker {
  const silent = new Map<string, Silence>();
  return {
    admits(key) {
      const known = silent.get(key);
      if (known === undefined || known.pausedUntilMs === 0) return true;
      const nowMs = now().getTime();
      if (nowMs < known.pausedUntilMs) return false;
      // A trial whose end nobody tells lets the next one through after another pause.
      silent.set(key, { ...known, pausedUntilMs: nowMs + pauseMs });
      return true;
    },
    end(key, isSilent) {
      if (!isSilent) return void silent.delete(key);
      const lastMs = now().getTime();
      const known = silent.get(key);
      const isSame = known !== undefined && lastMs - known.lastMs < memoryMs;
      const calls = (isSame ? known.calls : 0) + 1;
      silent.set(key, { calls, lastMs, pausedUntilMs: calls < silentLimit ? 0 : lastMs + pauseMs });
    },
  };
}
