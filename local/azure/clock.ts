import { setTimeout as timeout } from 'node:timers/promises';
import { SortedMap } from './sorted-map.ts';

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
  /** Sleepers in the order in which they wake; of those with equal times, the one who slept first. */
  private readonly sleepers = new SortedMap<Sleeper>();
  private sleeps = 0;

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
      const at = this.time + ms;
      this.sleeps += 1;
      const key = `${at.toFixed(3).padStart(20, '0')}|${String(this.sleeps).padStart(12, '0')}`;
      const abort = () => {
        this.sleepers.delete(key);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.sleepers.set(key, sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Wakes the sleepers of the next `ms` in order of time. Between two of them everything that the first
   * one set going without waiting for input or output has run, so that chains of sleeps keep their order.
   */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (let next = this.first(); next !== undefined && next[1].at <= end; next = this.first()) {
      const [key, sleeper] = next;
      this.time = Math.max(this.time, sleeper.at);
      this.sleepers.delete(key);
      sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.time = end;
    await new Promise((resolve) => setImmediate(resolve));
  }

  private first(): [string, Sleeper] | undefined {
    for (const entry of this.sleepers.entriesAfter()) return entry;
    return undefined;
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
