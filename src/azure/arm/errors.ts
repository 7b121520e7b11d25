import { isRestError } from '@azure/core-rest-pipeline';
import {
  MissingPermissionError,
  RefusedCallError,
  ThrottledError,
  UncertainCallError,
} from '../../lib/errors.ts';
import { countThrottle } from '../../telemetry/metrics.ts';

/** A call, as its errors describe it. */
interface Call {
  /** A verb and its object, such as `read A`. */
  readonly operation: string;
  /** The ARM id of the resource that is read or written. */
  readonly scope: string;
  /** The built-in role that allows the call; `MissingPermissionError` names it. */
  readonly role: string;
}

/** The wait after a 429 without `Retry-After`: the shortest one that the service itself has been seen to send. */
const defaultRetryAfterMs = 10_000;

/** The status and error code of an answer of any Azure service that refuses a call; `undefined` without an answer. */
export function refusalOf(error: unknown): { status: number; code: string | undefined } | undefined {
  if (!isRestError(error) || error.statusCode === undefined) return undefined;
  return { status: error.statusCode, code: error.code };
}

/**
 * The error of a call that Resource Manager did not accept, or that is not known to have succeeded.
 *
 * | answer                      | error                                                    |
 * |-----------------------------|----------------------------------------------------------|
 * | 401, 403                    | `MissingPermissionError`                                 |
 * | 429                         | `ThrottledError`                                         |
 * | 408, 5xx, none, or too late | `UncertainCallError`: the call may have taken effect     |
 * | any other                   | `RefusedCallError`                                       |
 */
export function toCallError(error: unknown, { operation, scope, role }: Call): Error {
  const options: ErrorOptions = { cause: error };
  const refusal = refusalOf(error);
  if (refusal === undefined || !isRestError(error)) {
    return new UncertainCallError(operation, scope, noAnswer(error), options);
  }
  const { status, code } = refusal;
  const detail = `${status} ${code ?? 'without a code'}`;
  if (status === 401 || status === 403)
    return new MissingPermissionError(operation, scope, role, detail, options);
  if (status === 429) {
    countThrottle(operation);
    return new ThrottledError(operation, scope, retryAfterOf(error) ?? defaultRetryAfterMs, options);
  }
  if (status === 408 || status >= 500) return new UncertainCallError(operation, scope, detail, options);
  return new RefusedCallError(operation, scope, `${detail}: ${error.message}`, options);
}

function noAnswer(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return /^(AbortError|TimeoutError)$/.test(error.name) ? 'no answer in time' : `no answer: ${error.message}`;
}

/** {@link retryAfterIn} of the answer that an SDK's error carries. */
export const retryAfterOf = (error: unknown): number | undefined =>
  isRestError(error) ? retryAfterIn(error.response?.headers) : undefined;

/**
 * The wait that an answer requests, in ms; `undefined` when it requests none.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export function retryAfterIn(
  headers: { get(name: string): string | undefined } | undefined,
): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? headers?.get('x-ms-retry-after-ms') ?? Number.NaN);
  if (ms >= 0) return ms;
  const text = headers?.get('retry-after');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1000;
  const untilMs = Date.parse(text) - Date.now();
  return untilMs >= 0 ? untilMs : undefined;
}
