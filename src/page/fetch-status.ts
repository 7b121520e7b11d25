import { parseStatus } from '../status/schema.ts';
import type { FetchResult } from './poller.ts';

const timeoutMs = 20_000;

/** Asks the app that served this page. Never throws. @param url the status document's. */
export async function fetchStatus(url: string, key: string | undefined): Promise<FetchResult> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...(key === undefined ? {} : { 'x-functions-key': key }) },
      cache: 'no-store',
      // An expired sign-in would redirect to another host, which this page may not ask.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) return failed(responseMessage(response), retryAfterMs(response));
    const status = parseStatus(await response.json());
    return status === undefined ? failed(versionMismatch) : { ok: true, status };
  } catch (error) {
    return failed(errorMessage(error));
  }
}

const failed = (message: string, retryAfter = 0): FetchResult => ({
  ok: false,
  message,
  retryAfterMs: retryAfter,
});

const versionMismatch =
  'This page does not understand the app’s answer: the two have different versions. Open the page again.';

function errorMessage(error: unknown): string {
  // The answer was not JSON at all.
  if (error instanceof SyntaxError) return versionMismatch;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `The app did not answer within ${timeoutMs / 1000} s.`;
  }
  return navigator.onLine ? 'The app cannot be reached.' : 'This device is offline.';
}

function responseMessage({ status, type }: Response): string {
  if (type === 'opaqueredirect') return 'Your sign-in has expired. Open the page again to sign in.';
  switch (status) {
    case 401:
    case 403:
      return `The app refused to show its status (${status}). Open the page with a key for all functions: …/dashboard?code=KEY.`;
    case 404:
      return 'The app has no status function (404). It may still be starting, or it may be a different version.';
    case 503:
      return 'The app cannot read its status right now (503).';
    default:
      return `The app answered ${status}.`;
  }
}

function retryAfterMs({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? '0');
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
