/** The ledger could not be read or written; nothing is known to have been recorded. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
  readonly retryAfterMs: number;
  constructor(detail: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`the replication ledger is not available: ${detail}; check STATE or AzureWebJobsStorage`, options);
    this.retryAfterMs = retryAfterMs;
  }
}
