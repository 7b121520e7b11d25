/** A call whose effect is not known: a lost answer, a time-out, an answer of 5xx or 408. */
export class UncertainCallError extends Error {
  override readonly name = 'UncertainCallError';
  constructor(operation: string, scope: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} did not succeed: ${detail}`, options);
  }
}

/** A call that a quota refused; worth repeating after `retryAfterMs`. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  /** Whose quota it was: an ARM id. */
  readonly scope: string;
  readonly retryAfterMs: number;
  constructor(operation: string, scope: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`${operation} on ${scope} was throttled; retry after ${Math.ceil(retryAfterMs / 1000)} s`, options);
    this.scope = scope;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A call that the app's identity may not make. */
export class MissingPermissionError extends Error {
  override readonly name = 'MissingPermissionError';
  constructor(operation: string, scope: string, role: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} was refused (${detail}): assign the role ${role} on that scope`, options);
  }
}

/** A call that Azure refused for a reason that repeating it within this invocation cannot mend. */
export class RefusedCallError extends Error {
  override readonly name = 'RefusedCallError';
  constructor(operation: string, scope: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} was refused: ${detail}`, options);
  }
}

/** Table storage did not answer, or refused; nothing that was not acknowledged was stored. */
export class StateUnavailableError extends Error {
  override readonly name = 'StateUnavailableError';
  readonly retryAfterMs: number;
  constructor(operation: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`${operation} failed: check STATE or AzureWebJobsStorage`, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** An entity exists already, is gone, or changed after it was read: somebody else was first. */
export class StateChangedError extends Error {
  override readonly name = 'StateChangedError';
  constructor(operation: string, options?: ErrorOptions) {
    super(`${operation}: the entity changed after it was read`, options);
  }
}

/** What went wrong, in words for people; the words of a deadline itself say nothing to them. */
export function describeError(error: unknown): string {
  if (error instanceof DOMException) return 'no answer in time';
  return error instanceof Error ? error.message : String(error);
}
