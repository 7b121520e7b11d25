/** Why the page has no newer data, in plain words. */
export interface FetchProblem {
  readonly kind: keyof typeof problems;
  /** What stands after `Status unknown: `. */
  readonly headline: string;
  /** What happened, in one sentence. */
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly advice: string;
}

/** What of an answer tells why it is of no use. */
interface UselessAnswer {
  readonly status: number;
  /** Whether it would redirect to another address, as an expired sign-in does. */
  readonly isRedirect: boolean;
  /** Whether its body is JSON. */
  readonly isJson: boolean;
}

const problems = {
  keyRefused: [
    'the app refused the key',
    'The app refused the key (401): it is wrong, was revoked, or opens this page only.',
    'Give a key that opens all functions.',
  ],
  signInExpired: ['your sign-in has expired', 'Your sign-in has expired.', 'Open the page again to sign in.'],
  blocked: [
    'access to the app is blocked',
    'Something in front of the app turned this page away (403): the app is stopped, or it does not accept calls from this network.',
    'Look at the app in the Azure portal: whether it runs, and its access restrictions under Networking.',
  ],
  notFound: [
    'nothing answers at this address',
    'There is no evenkeel at this address (404): the app is starting, or the address is of another app.',
    'Wait a minute, then compare the address with that of the app.',
  ],
  busy: [
    'the app is busy',
    'The app was asked too often and refuses for now (429).',
    'Wait: the page asks less often.',
  ],
  failed: [
    'the app failed',
    'The app failed while it answered.',
    'Look for a line “status failed” or an exception in its log.',
  ],
  unreadable: [
    'the app cannot read it',
    'The app runs, but cannot read its status (503).',
    'Look for a line “status failed” in its log: it names the reason.',
  ],
  notRunning: [
    'the app is not running',
    'The app is not running: it is starting, is being deployed, or has crashed.',
    'Wait a minute. If it lasts, look at the app in the Azure portal, under “Diagnose and solve problems”.',
  ],
  notData: [
    'something else answered',
    'What answered is not the app: it sent no data, but something like a page of a proxy or of a sign-in.',
    'Open the page again. If it lasts, look at what is between you and the app.',
  ],
  otherVersion: [
    'the app has another version',
    'This page does not understand the app’s answer: the two have different versions.',
    'Open the page again.',
  ],
  timeout: [
    'the app does not answer',
    'The app did not answer in time.',
    'If it lasts, look at the app in the Azure portal, under “Diagnose and solve problems”.',
  ],
  unreachable: [
    'the app cannot be reached',
    'The app cannot be reached: its name does not resolve, or nothing accepts the connection.',
    'Check your network or VPN, then whether the app still exists.',
  ],
  offline: ['this device is offline', 'This device is offline.', 'Connect it to a network.'],
} as const satisfies Record<string, readonly [headline: string, message: string, advice: string]>;

/** @param status is named where several lead here. */
export function fetchProblem(kind: FetchProblem['kind'], status?: number): FetchProblem {
  const [headline, message, advice] = problems[kind];
  const named = status === undefined || message.includes(`(${status})`);
  return { kind, headline, message: named ? message : message.replace(/[.:]/, ` (${status})$&`), advice };
}

/**
 * | answer                       | problem         |
 * |------------------------------|-----------------|
 * | a redirect                   | `signInExpired` |
 * | 401                          | `keyRefused`    |
 * | 403                          | `blocked`       |
 * | 404                          | `notFound`      |
 * | 429                          | `busy`          |
 * | 503 with JSON: the app's own | `unreadable`    |
 * | 502, 503, 504                | `notRunning`    |
 * | any other from 500           | `failed`        |
 * | 2xx with JSON                | `otherVersion`  |
 * | anything else                | `notData`       |
 *
 * https://learn.microsoft.com/azure/app-service/troubleshoot-http-502-http-503
 */
export function problemOfAnswer({ status, isRedirect, isJson }: UselessAnswer): FetchProblem {
  if (isRedirect) return fetchProblem('signInExpired');
  switch (status) {
    case 401:
      return fetchProblem('keyRefused');
    case 403:
      return fetchProblem('blocked');
    case 404:
      return fetchProblem('notFound');
    case 429:
      return fetchProblem('busy');
    case 502:
    case 503:
    case 504:
      return fetchProblem(isJson ? 'unreadable' : 'notRunning', status);
  }
  if (status >= 500) return fetchProblem('failed', status);
  return status < 300 && isJson ? fetchProblem('otherVersion') : fetchProblem('notData', status);
}

/** May be gone with the next request: one of them alone says nothing. */
const passing: ReadonlySet<FetchProblem['kind']> = new Set([
  'busy',
  'failed',
  'unreadable',
  'notRunning',
  'timeout',
  'unreachable',
]);
export const mayPass = ({ kind }: FetchProblem): boolean => passing.has(kind);
