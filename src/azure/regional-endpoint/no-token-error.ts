/** A registry gave no token; the message is the reason alone, for an answer that says why nothing is known. */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
  /** Set when it asked not to be asked. */
  readonly retryAfterMs: number | undefined;
  constructor(reason: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(reason, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}
