import { ArmError, type ErrorShape } from './arm-error.ts';
import type { ArmRequest } from './operation.ts';

/** What happens to a request instead of, or before, its plain answer. */
export type FaultEffect =
  /** Handled after `ms` of the clock. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Refused with a status and a body as Azure writes it; nothing happens. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
      readonly shape?: ErrorShape;
    }
  /** The effect happens, then the connection breaks instead of an answer. */
  | { readonly kind: 'lostAnswer' }
  /** The connection breaks before anything happens. */
  | { readonly kind: 'lostRequest' }
  /** Nothing happens and no answer ever comes. */
  | { readonly kind: 'hang' };

/** Which requests meet a fault: an operation's name, an expression over `METHOD id`, or a predicate. */
type FaultMatch = string | RegExp | ((request: ArmRequest) => boolean);

type Fault = FaultEffect & {
  readonly match: FaultMatch;
  /** After so many requests the fault is over. Default: never. */
  readonly times?: number;
};

interface ArmedFault {
  readonly fault: Fault;
  left: number;
  hits: number;
}

/** Faults that tests and scenarios inject; the first that matches a request takes it. */
export class Faults {
  private readonly armed: ArmedFault[] = [];

  /** Returns a handle that counts the requests that met the fault, and removes it. */
  add(fault: Fault): { readonly hits: () => number; readonly remove: () => void } {
    const entry: ArmedFault = { fault, left: fault.times ?? Number.POSITIVE_INFINITY, hits: 0 };
    this.armed.push(entry);
    return { hits: () => entry.hits, remove: () => this.disarm(entry) };
  }

  clear(): void {
    this.armed.length = 0;
  }

  /** The fault that this request meets; each call uses up one of its times. */
  take(request: ArmRequest): FaultEffect | undefined {
    const entry = this.armed.find(({ fault }) => matches(fault.match, request));
    if (entry === undefined) return undefined;
    entry.hits += 1;
    entry.left -= 1;
    if (entry.left <= 0) this.disarm(entry);
    return entry.fault;
  }

  private disarm(entry: ArmedFault): void {
    const at = this.armed.indexOf(entry);
    if (at >= 0) this.armed.splice(at, 1);
  }
}

function matches(match: FaultMatch, request: ArmRequest): boolean {
  if (typeof match === 'string') return match === request.operation;
  if (match instanceof RegExp)
    return new RegExp(match, match.flags.replace(/[gy]/g, '')).test(`${request.method} ${request.id}`);
  return match(request);
}

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

/** @param shape Form of the body, unless the fault names one. */
export function refusalOf(
  fault: Extract<FaultEffect, { kind: 'status' }>,
  shape: ErrorShape = 'nested',
): ArmError {
  const [code, message] = usual[fault.status] ?? [
    'InjectedFault',
    'The simulator was told to refuse this request.',
  ];
  return new ArmError(fault.status, fault.code ?? code, fault.message ?? message, {
    shape: fault.shape ?? shape,
    headers: fault.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(fault.retryAfterSeconds) },
  });
}
