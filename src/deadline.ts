/** How long an invocation may still take. */
export interface Deadline {
  /** Aborts every call that is under way when the time is over. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/** A deadline that begins now. Its timer keeps no process alive. */
export function deadlineIn(ms: number): Deadline {
  const end = performance.now() + ms;
  return { signal: AbortSignal.timeout(ms), remainingMs: () => Math.max(0, end - performance.now()) };
}
