/**
 * Why a call of `fetch` had no answer, in a few words. `fetch` itself tells nothing but that it failed; why is in
 * the cause, for two addresses as an aggregate.
 */
export function unreachableReason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'the call failed';
  if (error.name === 'TimeoutError') return `the app did not answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return `the app cannot be reached: ${error.message}`;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return `the app cannot be reached: ${cause.message || code || error.message}`;
}
