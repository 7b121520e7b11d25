import type { HttpResponseInit } from '@azure/functions';
import type { Log, LogFields } from '../lib/log.ts';

/** An HTTP request cannot be served as it is. The message is for its sender. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly status: number;
  /** The error code for programs, such as `badParameter`. */
  readonly code: string;
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/**
 * Logs a refused request in one line, and answers it.
 * @param message the constant message of the line, such as `registry webhook refused`.
 */
export function refuse(
  message: string,
  error: RefusedRequestError,
  facts: LogFields,
  log: Log,
): HttpResponseInit {
  const { status, code } = error;
  log.warn(message, { ...facts, status, reason: code, detail: error.message });
  return errorResponse(status, code, error.message);
}

/** @param retryAfterSeconds a whole number of seconds; without it the answer has no `Retry-After`. */
export const errorResponse = (
  status: number,
  code: string,
  message: string,
  retryAfterSeconds?: number,
): HttpResponseInit => ({
  status,
  jsonBody: { error: { code, message } },
  ...(retryAfterSeconds === undefined ? {} : { headers: retryAfter(retryAfterSeconds) }),
});

/** https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export const retryAfter = (seconds: number): Record<string, string> => ({ 'retry-after': String(seconds) });

/** Seconds for `Retry-After`, rounded up, from 1 to `most`: no client should come back at once. */
export const wholeSeconds = (ms: number, most = Number.POSITIVE_INFINITY): number =>
  Math.min(most, Math.max(1, Math.ceil(ms / 1000)));
