import type { Deadline } from './dns/ports.ts';

/** A deadline that begins now. Its timer keeps no process alive. */
export function deadlineIn(ms: number): Deadline {
  const end = performance.now() + ms;
  return { signal: AbortSignal.timeout(ms), remainingMs: () => Math.max(0, end - performance.now()) };
}
