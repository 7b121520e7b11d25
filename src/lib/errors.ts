/** The effect of a call is not known: its answer was lost or late, or was 5xx or 408. */
export class UncertainCallError extends Error {
  override readonly name = 'UncertainCallError';
  constructor(operation: string, scope: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} did not succeed: ${detail}`, options);
  }
}

/** What a {@link ThrottledError} carries beside its cause. */
interface ThrottleOptions extends ErrorOptions {
  /** 429, unless it is given. */
  readonly status?: number;
  /** The ARM id of the resource whose quota refused the call, where that is not the resource that was called for. */
  readonly quota?: string;
}

/** A quota refused a call, or a service was too busy for it. The call may be repeated after `retryAfterMs`. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  /** The ARM id of the resource whose quota refused the call. */
  readonly scope: string;
  readonly retryAfterMs: number;
  readonly status: number;
  constructor(
    operation: string,
    scope: string,
    retryAfterMs: number,
    { status = 429, quota = scope, ...options }: ThrottleOptions = {},
  ) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    super(`${operation} on ${scope} was throttled; retry after ${seconds} s (${status})`, options);
    this.scope = quota;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}

/** An answer of success whose body is not what was asked for. Nothing is known of it, and nothing is concluded. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  /**
   * @param call such as `GET /subscriptions`.
   * @param expected such as `a list of subscriptions`.
   * @param fault such as `it has no array "value"`.
   */
  constructor(call: string, expected: string, fault: string, options?: ErrorOptions) {
    super(
      `the answer to ${call} is not ${expected}: ${fault}; is a proxy or a sign-in page in the way?`,
      options,
    );
  }
}

/** Azure does not accept the app's identity, or does not allow it to make a call. */
export class MissingPermissionError extends Error {
  override readonly name = 'MissingPermissionError';
  /** @param advice what to do, such as `assign the role Reader on that scope`. */
  constructor(operation: string, scope: string, advice: string, detail: string, options?: ErrorOptions) {
    super(`${operation} on ${scope} was refused (${detail}): ${advice}`, options);
  }
}

/** No identity could be signed in to Azure, so nothing was asked of it. */
export class NotSignedInError extends Error {
  override readonly name = 'NotSignedInError';
  /** @param detail why the directory refused, where it was asked. */
  constructor(detail?: string, options?: ErrorOptions) {
    super(
      `Not signed in to Azure${detail === undefined ? '' : ` (${detail})`}: run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where there is a managed identity`,
      options,
    );
  }
}

/** What a {@link RefusedCallError} carries beside its cause. */
interface RefusalOptions extends ErrorOptions {
  /** The error code of the answer. */
  readonly code?: string | undefined;
}

/** Azure refused a call for a reason that no repetition within this invocation can remove. */
export class RefusedCallError extends Error {
  override readonly name = 'RefusedCallError';
  readonly code: string | undefined;
  constructor(operation: string, scope: string, detail: string, { code, ...options }: RefusalOptions = {}) {
    super(`${operation} on ${scope} was refused: ${detail}`, options);
    this.code = code;
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

/** Table storage refuses an entity as it is, for its keys or its size. Repeating the call cannot help. */
export class StateRefusedError extends Error {
  override readonly name = 'StateRefusedError';
  constructor(operation: string, options?: ErrorOptions) {
    super(`${operation} was refused: the entity is larger than table storage takes`, options);
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
