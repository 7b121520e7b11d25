/** The effect of a call is not known: its answer was lost or late, or was 5xx or 408. */
export class UncertainCallError extends Error {
  override readonly name = 'UncertainCallError';
  constructor(operation: string, scope: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} did not succeed: ${detail}`, options);
  }
}

/** A quota refused a call, which may be repeated after `retryAfterMs`. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  /** The ARM id of the resource whose quota refused the call. */
  readonly scope: string;
  readonly retryAfterMs: number;
  constructor(operation: string, scope: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`${operation} on ${scope} was throttled; retry after ${Math.ceil(retryAfterMs / 1000)} s`, options);
    this.scope = scope;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The app's identity is not allowed to make a call. */
export class MissingPermissionError extends Error {
  override readonly name = 'MissingPermissionError';
  constructor(operation: string, scope: string, role: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} was refused (${detail}): assign the role ${role} on that scope`, options);
  }
}

/** Azure refused a call for a reason that no repetition within this invocation can remove. */
export class RefusedCallError extends Error {
  override readonly name = 'RefusedCallError';
  constructor(operation: string, scope: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} was refused: ${detail}`, options);
  }
}

/** Table storage did not answer, or refused. Nothing was stored that it has not acknowledged. */
export class StateUnavailableError extends Error {
  override readonly name = 'StateUnavailableError';
  readonly retryAfterMs: number;
  constructor(operation: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`${operation} failed: check STATE or AzureWebJobsStorage`, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** An entity already exists, is gone, or has changed since it was read: another writer was first. */
export class StateChangedError extends Error {
  override readonly name = 'StateChangedError';
  constructor(operation: string, options?: ErrorOptions) {
    super(`${operation}: the entity changed after it was read`, options);
  }
}

/** An error in words for people, to whom the message of an expired deadline would mean nothing. */
export function describeError(error: unknown): string {
  if (error instanceof DOMException) return 'no answer in time';
  return error instanceof Error ? error.message : String(error);
}
