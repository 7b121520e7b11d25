import { anySignal } from './any-signal.ts';

/** The end of the time that some work may take. */
export interface Deadline {
  /** Aborts when the time is over, and with it every call that is under way. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/** A deadline `ms` from now. Its timer starts when `signal` is first read, and does not keep the process alive. */
export function deadlineIn(ms: number): Deadline {
  const end = performance.now() + ms;
  const remainingMs = () => Math.max(0, end - performance.now());
  let signal: AbortSignal | undefined;
  return {
    get signal() {
      signal ??= signalIn(remainingMs());
      return signal;
    },
    remainingMs,
  };
}

const signalIn = (ms: number): AbortSignal =>
  ms > 0
    ? AbortSignal.timeout(Math.ceil(ms))
    : AbortSignal.abort(new DOMException('the time is over', 'TimeoutError'));

/** A deadline after this share of the time that is left. */
export function partOf(deadline: Deadline, share: number): Deadline {
  const own = deadlineIn(Math.round(deadline.remainingMs() * share));
  return {
    signal: anySignal(deadline.signal, own.signal),
    remainingMs: () => Math.min(deadline.remainingMs(), own.remainingMs()),
  };
}

/** Event Grid waits 30 s for an answer. The rest is left to the Functions host. */
export const invocationMs = 25_000;
