import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { CliContext } from './context.ts';

/** A deadline that an interruption brings to its end, too. */
export function commandDeadline(ms: number, { interrupted }: Pick<CliContext, 'interrupted'>): Deadline {
  const { signal, remainingMs } = deadlineIn(ms);
  return {
    signal: AbortSignal.any([signal, interrupted]),
    remainingMs: () => (interrupted.aborted ? 0 : remainingMs()),
  };
}
