import { isRestError, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import { isLate } from '../../lib/async.ts';
import {
  MissingPermissionError,
  RefusedCallError,
  ThrottledError,
  UncertainCallError,
  UnexpectedAnswerError,
} from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { countThrottle } from '../../telemetry/metrics.ts';
import { adviceFor } from './advice.ts';

/** A call, as its errors describe it. */
interface Call {
  /** A verb and its object, such as `read A`. */
  readonly operation: string;
  /** The ARM id of the resource that is read or written. */
  readonly scope: string;
  /** The built-in role that allows the call; `MissingPermissionError` names it. */
  readonly role: string;
  /** The ARM id of the resource whose quota the call counts against, where that is not `scope`. */
  readonly quota?: string;
}

/** The wait after a 429 without `Retry-After`: the shortest one that the service itself has been seen to send. */
const defaultRetryAfterMs = 10_000;

/** No service is left alone for longer than this, whatever it asks for. */
const maxRetryAfterMs = 3_600_000;

/** The status and error code of an answer of any Azure service that refuses a call; `undefined` without an answer. */
export function refusalOf(error: unknown): { status: number; code: string | undefined } | undefined {
  if (!isRestError(error) || error.statusCode === undefined) return undefined;
  return { status: error.statusCode, code: error.code };
}

/** Some services write the error without a member around it. */
const errorSchema = v.object({ code: v.string(), message: v.optional(v.string()) });
const errorBodySchema = v.union([
  v.pipe(
    v.object({ error: errorSchema }),
    v.transform(({ error }) => error),
  ),
  errorSchema,
]);

/** The error that an SDK would make of an answer that refuses a call. */
export function refusalError(response: PipelineResponse): RestError {
  const { status, request, bodyAsText } = response;
  const parsed = v.safeParse(errorBodySchema, parseJson(bodyAsText ?? ''));
  const error = parsed.success ? parsed.output : undefined;
  return new RestError(error?.message ?? `answered ${status}`, {
    statusCode: status,
    request,
    response,
    ...(error === undefined ? {} : { code: error.code }),
  });
}

/**
 * The error of a call that Resource Manager did not accept, or that is not known to have succeeded.
 *
 * | answer                                     | error                                                    |
 * |--------------------------------------------|----------------------------------------------------------|
 * | 401, 403 for want of a role or a sign-in   | `MissingPermissionError`                                 |
 * | 429, 503 with a wait                       | `ThrottledError`                                         |
 * | 408, other 5xx, none, or too late          | `UncertainCallError`: the call may have taken effect     |
 * | success, without what was asked for        | `UnexpectedAnswerError`                                  |
 * | any other                                  | `RefusedCallError`                                       |
 */
export function toCallError(error: unknown, { operation, scope, role, quota = scope }: Call): Error {
  // The pipeline found out by itself what is wrong with the call.
  if (error instanceof UnexpectedAnswerError || error instanceof RefusedCallError) return error;
  const options: ErrorOptions = { cause: error };
  // An SDK reads members of members without a look whether they are there.
  if (error instanceof TypeError) {
    return new UnexpectedAnswerError(`"${operation}" on ${scope}`, 'complete', 'it cannot be read', options);
  }
  const refusal = refusalOf(error);
  if (refusal === undefined || !isRestError(error)) {
    return new UncertainCallError(operation, scope, noAnswer(error), options);
  }
  const { status, code } = refusal;
  const { message } = error;
  const detail = `${status} ${code ?? 'without a code'}`;
  const retryAfterMs = retryAfterOf(error);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
    countThrottle(operation);
    const waitMs = retryAfterMs ?? defaultRetryAfterMs;
    return new ThrottledError(operation, scope, waitMs, { ...options, status, quota });
  }
  if (status === 408 || status >= 500) return new UncertainCallError(operation, scope, detail, options);
  const advice = adviceFor({ status, code, message }, { scope, role });
  if (advice?.isPermission) return new MissingPermissionError(operation, scope, advice.text, detail, options);
  return new RefusedCallError(operation, scope, `${detail}: ${advice?.text ?? message}`, {
    ...options,
    code,
  });
}

function noAnswer(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return isLate(error) ? 'no answer in time' : `no answer: ${error.message}`;
}

/** {@link retryAfterIn} of the answer that an SDK's error carries. */
export const retryAfterOf = (error: unknown): number | undefined =>
  isRestError(error) ? retryAfterIn(error.response?.headers) : undefined;

/**
 * The wait that an answer requests, in ms and at most an hour; `undefined` when it requests none.
 *
 * | header                                  | form                                  |
 * |-----------------------------------------|---------------------------------------|
 * | `retry-after-ms`, `x-ms-retry-after-ms` | milliseconds                          |
 * | `retry-after`                           | seconds, or the date when it is over  |
 *
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterIn(
  headers: { get(name: string): string | undefined } | undefined,
): number | undefined {
  const numberIn = (name: string): number => Number(headers?.get(name)?.trim() || Number.NaN);
  const dateIn = (name: string): number => Date.parse(headers?.get(name) ?? '');
  // The service's date is measured by the service's clock, where the answer tells it.
  const sentMs = dateIn('date') || Date.now();
  const forms = [
    numberIn('retry-after-ms'),
    numberIn('x-ms-retry-after-ms'),
    numberIn('retry-after') * 1000,
    dateIn('retry-after') - sentMs,
  ];
  const waitMs = forms.find((ms) => ms >= 0);
  return waitMs === undefined ? undefined : Math.min(waitMs, maxRetryAfterMs);
}
