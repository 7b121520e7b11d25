import type { HttpResponseInit } from '@azure/functions';

/** An HTTP request that cannot be served as it is; its message is for whoever sent it. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly status: number;
  /** One word for programs. */
  readonly code: string;
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** @param retryAfterSeconds whole seconds; without them the answer does not ask to come back. */
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

/** Whole seconds from 1 to `most`: nobody is told to come back at once. */
export const wholeSeconds = (ms: number, most = Number.POSITIVE_INFINITY): number =>
  Math.min(most, Math.max(1, Math.ceil(ms / 1000)));
