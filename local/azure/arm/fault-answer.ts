import { isJsonObject } from '../json.ts';
import { ArmError, type ErrorShape } from './arm-error.ts';
import type { FaultEffect, PlannedAnswer } from './faults.ts';
import type { ArmAnswer } from './operation.ts';

const usual: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ['InvalidAuthenticationToken', 'The access token is invalid.'],
  403: [
    'AuthorizationFailed',
    'The client does not have authorization to perform this action over this scope.',
  ],
  409: ['Conflict', 'The request conflicts with another operation in progress.'],
  429: ['TooManyRequests', 'The request was throttled.'],
  500: ['InternalServerError', 'An internal server error occurred.'],
  503: ['ServiceUnavailable', 'The service is unavailable.'],
  504: ['GatewayTimeout', 'The gateway did not receive a response in time.'],
};

/**
 * The answer that a fault plans.
 * @param shape Form of an error, unless the fault names one.
 * @param nowMs Present of the simulator's clock.
 */
export function plannedAnswer(fault: PlannedAnswer, shape: ErrorShape, nowMs: number): ArmAnswer {
  const { status, text, body } = fault;
  const headers = { ...retryHeaders(fault, nowMs), ...fault.headers };
  if (text !== undefined) {
    return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, text };
  }
  if (body !== undefined) return { status, headers, body };
  if (status < 400) return { status, headers };
  const [code, message] = usual[status] ?? [
    'InjectedFault',
    'The simulator was told to refuse this request.',
  ];
  const error = new ArmError(status, fault.code ?? code, fault.message ?? message, {
    shape: fault.shape ?? shape,
  });
  return { status, headers, body: error.body };
}

function retryHeaders(fault: PlannedAnswer, nowMs: number): Record<string, string> {
  const { retryAfterSeconds, retryAfterDateSeconds, retryAfterMs } = fault;
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  if (retryAfterDateSeconds !== undefined)
    headers['Retry-After'] = new Date(nowMs + retryAfterDateSeconds * 1000).toUTCString();
  if (retryAfterMs !== undefined) headers['x-ms-retry-after-ms'] = String(retryAfterMs);
  return headers;
}

/** What a fault makes of the answer of an operation that took place. */
export function changedAnswer(fault: FaultEffect | undefined, answer: ArmAnswer): ArmAnswer {
  switch (fault?.kind) {
    case 'withheldBody':
      return { ...answer, isBodyWithheld: true };
    case 'withoutMembers':
      return withoutMembers(answer, new Set(fault.members.map((name) => name.toLowerCase())));
    case 'changedAnswer':
      return fault.change(answer);
    default:
      return answer;
  }
}

function withoutMembers(answer: ArmAnswer, names: ReadonlySet<string>): ArmAnswer {
  const strip = (value: unknown): unknown => {
    if (!isJsonObject(value)) return value;
    const kept = Object.entries(value).filter(([name]) => !names.has(name.toLowerCase()));
    return Object.fromEntries(kept);
  };
  const { body } = answer;
  const list = isJsonObject(body) ? body['value'] : undefined;
  const headers = Object.entries(answer.headers ?? {}).filter(([name]) => !names.has(name.toLowerCase()));
  return {
    ...answer,
    headers: Object.fromEntries(headers),
    body: isJsonObject(body) && Array.isArray(list) ? { ...body, value: list.map(strip) } : strip(body),
  };
}
