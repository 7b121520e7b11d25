import { inTime, isLate } from '../lib/async.ts';
import { UncertainCallError } from '../lib/errors.ts';

/** A call, as the error of one that takes too long names it. */
interface NamedCall {
  /** A verb and its object, such as `read a blob`. */
  readonly operation: string;
  /** The URL or the ARM id of what is called for. A query of a URL, which may hold a signature, is left out. */
  readonly scope: string;
  /** What to do when there is no answer. */
  readonly advice: string;
}

/**
 * Runs a call as {@link inTime} does.
 * @throws {UncertainCallError} when it takes too long, and what the call throws.
 */
export async function callWithin<T>(
  timeoutMs: number,
  { operation, scope, advice }: NamedCall,
  run: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await inTime(timeoutMs, run);
  } catch (error) {
    if (!isLate(error)) throw error;
    const [place = ''] = scope.split('?');
    throw new UncertainCallError(operation, place, `no answer in time; ${advice}`, { cause: error });
  }
}
