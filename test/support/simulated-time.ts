import { afterEach, beforeEach, vi } from 'vitest';

/** How some work ended. */
export interface Ending {
  /** By the simulated clock. */
  readonly afterMs: number;
  /** The text that it gave, or something else as JSON, or `name: message` of what it threw. */
  readonly outcome: string;
}

/** Work that the other side leaves hanging. */
interface Hanging {
  readonly work: Promise<unknown>;
  /** Resolves when the other side hangs. */
  readonly held?: Promise<unknown>;
}

/** For every test of the file. Timers, time-outs of signals and clocks are simulated; sockets are real. */
export function simulateTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      setTimeout(() => controller.abort(reason), ms);
      return controller.signal;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

/** No limit is longer. */
const longestMs = 3_600_000;
/** Timers that fire: far more than any work sets. */
const maxSteps = 1_000;
/** Turns of the event loop: both ends of a connection are in this process, so that they have heard each other by then. */
const turnsOfSockets = 20;

/** Has time pass, once each of them hangs, until all have ended. What has no limit is `still waiting` an hour later. */
export async function endings(all: readonly Hanging[]): Promise<Ending[]> {
  const startedAtMs = Date.now();
  const found = all.map((): Ending => ({ afterMs: Number.POSITIVE_INFINITY, outcome: 'still waiting' }));
  let left = all.length;
  const ends = all.map(async ({ work }, index) => {
    const outcome = await work.then(
      (value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')),
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );
    found[index] = { afterMs: Date.now() - startedAtMs, outcome };
    left -= 1;
  });
  await Promise.all(all.map(({ held }, index) => Promise.race([held, ends[index]])));
  for (let steps = 0; left > 0 && steps < maxSteps; steps += 1) {
    for (let turns = 0; left > 0 && turns < turnsOfSockets; turns += 1) await turn();
    if (left === 0 || Date.now() - startedAtMs > longestMs) break;
    if (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync();
  }
  return found;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
