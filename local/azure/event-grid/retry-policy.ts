/** How an attempt ended: with an answer, or without one. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'timedOut' };

/** Event Grid treats its own handlers in Azure more patiently than any other web hook. */
type EndpointType = 'WebHook' | 'AzureFunction';

export interface RetryPolicy {
  readonly endpointType: EndpointType;
  /** 1 to 30. */
  readonly maxDeliveryAttempts: number;
  /** Counts from the publication of the event. */
  readonly timeToLiveMs: number;
}

export type DeadLetterReason = 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'NotRetriable';

export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'deadLetter'; readonly reason: DeadLetterReason };

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const backOff = [
  10 * second,
  30 * second,
  minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
];
const longest = 12 * hour;

/** Largest share by which a delay is prolonged. Event Grid randomises delays by a small, undocumented amount. */
const jitter = 0.1;

/**
 * Decides what follows an attempt. `random` is in [0, 1).
 *
 * | outcome                          | web hook | function      |
 * |----------------------------------|----------|---------------|
 * | 200 to 204                       | delivered                |
 * | 400, 403, 413                    | never again              |
 * | 401                              | never again | after 5 minutes |
 * | 404                              | by schedule | after 5 minutes |
 * | 408                              | after 2 minutes          |
 * | 503                              | after 30 seconds         |
 * | anything else, no answer         | by schedule              |
 *
 * Delays are the least ones: the schedule may ask for more.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
export function judge(
  outcome: Outcome,
  policy: RetryPolicy,
  past: { readonly attempts: number; readonly ageMs: number },
  random: number,
): Verdict {
  const status = outcome.kind === 'answered' ? outcome.status : undefined;
  if (status !== undefined && status >= 200 && status <= 204) return { kind: 'delivered' };
  if (isFinal(status, policy.endpointType)) return { kind: 'deadLetter', reason: 'NotRetriable' };
  if (past.attempts >= policy.maxDeliveryAttempts) {
    return { kind: 'deadLetter', reason: 'MaxDeliveryAttemptsExceeded' };
  }
  const leastMs = Math.max(scheduledMs(past.attempts), leastDelayMs(status, policy.endpointType));
  const delayMs = Math.round(leastMs * (1 + jitter * random));
  return past.ageMs + delayMs > policy.timeToLiveMs
    ? { kind: 'deadLetter', reason: 'TimeToLiveExceeded' }
    : { kind: 'retry', delayMs };
}

/** How a dead letter names the outcome of its last attempt. */
export function nameOf(outcome: Outcome): string {
  if (outcome.kind === 'timedOut') return 'TimedOut';
  if (outcome.kind === 'failed') return 'SocketError';
  const names: Readonly<Record<number, string>> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    408: 'TimedOut',
    413: 'PayloadTooLarge',
    429: 'Busy',
    503: 'Busy',
  };
  return names[outcome.status] ?? 'GenericError';
}

const isFinal = (status: number | undefined, endpoint: EndpointType): boolean =>
  status === 400 || status === 403 || status === 413 || (status === 401 && endpoint === 'WebHook');

const scheduledMs = (attempts: number): number => backOff[attempts - 1] ?? longest;

function leastDelayMs(status: number | undefined, endpoint: EndpointType): number {
  if (status === 408) return 2 * minute;
  if (status === 503) return 30 * second;
  return endpoint === 'AzureFunction' && (status === 401 || status === 404) ? 5 * minute : 10 * second;
}
