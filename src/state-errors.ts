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
