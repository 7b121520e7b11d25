/** How long an invocation may still take. */
export interface Deadline {
  /** Aborts every call that is under way when the time is over. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/** A deadline that begins now. Its timer keeps no process alive, and is set when somebody first asks for the signal. */
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

/** Event Grid waits 30 s for an answer; what is left over is the host's. */
export const invocationMs = 25_000;
