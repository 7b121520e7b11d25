import { setTimeout as timeout } from 'node:timers/promises';

/** Time as the simulator sees it: quotas, back-off and provisioning go by it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` of this clock; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Wall-clock time; a `speed` of 60 lets a minute of the simulator pass in a second. */
export function realClock(speed = 1): Clock {
  const startedAt = Date.now();
  return {
    now: () => (speed === 1 ? Date.now() : startedAt + (Date.now() - startedAt) * speed),
    sleep: (ms, signal) => timeout(ms / speed, undefined, { signal }),
  };
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private time: number;
  private readonly sleepers = new Set<Sleeper>();

  constructor(startAt: number = Date.UTC(2026, 0, 1)) {
    this.time = startAt;
  }

  now(): number {
    return this.time;
  }

  /** How many sleepers wait for the clock. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        this.sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.time + ms,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Wakes the sleepers of the next `ms` in order of time. Between two of them everything that the first
   * one set going without waiting for input or output has run, so that chains of sleeps keep their order.
   */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (let next = this.firstUntil(end); next !== undefined; next = this.firstUntil(end)) {
      this.time = next.at;
      this.sleepers.delete(next);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.time = end;
    await new Promise((resolve) => setImmediate(resolve));
  }

  private firstUntil(end: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.sleepers) {
      if (sleeper.at <= end && (first === undefined || sleeper.at < first.at)) first = sleeper;
    }
    return first;
  }
}

/** Runs `effect` after `ms`, at once for 0, and never after `signal` has aborted. */
export function after(clock: Clock, ms: number, signal: AbortSignal, effect: () => void): void {
  if (ms <= 0) {
    effect();
    return;
  }
  clock.sleep(ms, signal).then(effect, () => undefined);
}
