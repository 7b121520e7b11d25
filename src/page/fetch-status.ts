import { visibleText } from '../lib/visible-text.ts';
import { parseStatus } from '../status/schema.ts';
import { type FetchProblem, fetchProblem, problemOfAnswer } from './fetch-problem.ts';
import { type LookupResult, lookupResult } from './image-lookup.ts';
import type { FetchResult } from './poller.ts';

const timeoutMs = 20_000;

/** What the app answered, or why there is no answer. */
type Answer =
  | { readonly kind: 'answer'; readonly response: Response; readonly json: unknown }
  | { readonly kind: 'none'; readonly problem: FetchProblem };

/**
 * Asks the app that served this page. Never throws.
 * @param timeoutMs is for the whole answer.
 */
async function ask(url: string, key: string | undefined, timeoutMs: number): Promise<Answer> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...(key === undefined ? {} : { 'x-functions-key': key }) },
      cache: 'no-store',
      // An expired sign-in would redirect to another host, which this page may not ask.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { kind: 'answer', response, json: parseJson(await response.text()) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      return { kind: 'none', problem: fetchProblem('timeout') };
    }
    return { kind: 'none', problem: fetchProblem(isOffline() ? 'offline' : 'unreachable') };
  }
}

const isOffline = (): boolean => 'onLine' in navigator && navigator.onLine === false;

/** @returns `undefined` for what is no JSON. Names from outside may hold characters that nobody sees: they are shown. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? visibleText(value) : value));
  } catch {
    return undefined;
  }
}

/** Asks for the status document. */
export async function fetchStatus(url: string, key: string | undefined): Promise<FetchResult> {
  const answer = await ask(url, key, timeoutMs);
  if (answer.kind === 'none') return { ok: false, problem: answer.problem, retryAfterMs: 0 };
  const { response, json } = answer;
  const status = response.ok ? parseStatus(json) : undefined;
  return status === undefined
    ? { ok: false, problem: problemOf(response, json), retryAfterMs: retryAfterMs(response) }
    : { ok: true, status };
}

/** Asks for what the app knows of an image. @param url with its query. */
export async function fetchImage(url: string, key: string | undefined): Promise<LookupResult | FetchProblem> {
  const answer = await ask(url, key, timeoutMs);
  if (answer.kind === 'none') return answer.problem;
  const { response, json } = answer;
  return lookupResult(response.status, json) ?? problemOf(response, json);
}

const problemOf = ({ status, type }: Response, json: unknown): FetchProblem =>
  problemOfAnswer({ status, isRedirect: type === 'opaqueredirect', isJson: json !== undefined });

function retryAfterMs({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? '0');
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
