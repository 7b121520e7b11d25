import { parseStatus } from '../status/schema.ts';
import type { FetchResult } from './poller.ts';

const patienceMs = 20_000;

/** Asks the app that served this page. Never throws. @param url of the status document. */
export async function fetchStatus(url: string, key: string | undefined): Promise<FetchResult> {
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json', ...(key === undefined ? {} : { 'x-functions-key': key }) },
      cache: 'no-store',
      // A sign-in that has ended would lead to another host, which this page may not ask.
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!answer.ok) return refused(messageOf(answer), retryAfterOf(answer));
    const status = parseStatus(await answer.json());
    return status === undefined ? refused(notUnderstood) : { ok: true, status };
  } catch (error) {
    return refused(troubleOf(error));
  }
}

const notUnderstood =
  'This page does not understand the answer of the app. Open the page again: one of the two is newer.';

function troubleOf(error: unknown): string {
  // It was not JSON at all.
  if (error instanceof SyntaxError) return notUnderstood;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `The app did not answer within ${patienceMs / 1000} s.`;
  }
  return navigator.onLine ? 'The app cannot be reached.' : 'This device is offline.';
}

const refused = (message: string, retryAfterMs = 0): FetchResult => ({ ok: false, message, retryAfterMs });

function messageOf({ status, type }: Response): string {
  if (type === 'opaqueredirect') return 'Your sign-in has ended. Open the page again to sign in.';
  if (status === 401 || status === 403) {
    return `The app refuses to show its status (${status}). Open the page with a key that opens all functions, as in …/dashboard?code=KEY.`;
  }
  if (status === 404)
    return 'The app has no status function (404). It may be starting, or be of another version.';
  if (status === 503) return 'The app cannot tell its status now (503).';
  return `The app answered ${status}.`;
}

function retryAfterOf({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? '0');
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
