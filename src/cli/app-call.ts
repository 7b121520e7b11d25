import { parseJson } from '../lib/json.ts';
import type { AppAccess } from './app-client.ts';
import type { CliContext } from './context.ts';
import { unreachableReason } from './unreachable.ts';

/** The app gave no answer that can be used; the message says what would help. */
export class AppCallError extends Error {
  override readonly name = 'AppCallError';
}

/** Longer than the app itself takes to give up, with room for a cold start. */
const timeoutMs = 30_000;

/**
 * Asks the app for a JSON document.
 * @param path from its base URL on, such as `/api/status`.
 * @throws {AppCallError}
 */
export async function askApp(
  { fetch, interrupted }: Pick<CliContext, 'fetch' | 'interrupted'>,
  { url, key }: AppAccess,
  path: string,
): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(new URL(`${url}${path}`), {
      headers: { accept: 'application/json', ...(key === undefined ? {} : { 'x-functions-key': key }) },
      // A redirect would take the key to somebody else.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), interrupted]),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw new AppCallError(unreachableReason(error, timeoutMs), { cause: error });
  }
  if (status !== 200) throw new AppCallError(`the app answered ${status}: ${adviceOn(status)}`);
  const body = parseJson(text);
  if (body === undefined) {
    throw new AppCallError('the app answered something that is not evenkeel; is this its base URL?');
  }
  return body;
}

function adviceOn(status: number): string {
  if (status === 401) return 'set EVENKEEL_KEY to a valid function key of the app';
  if (status === 403)
    return "set EVENKEEL_KEY to a valid function key, and check the app's access restrictions";
  if (status === 404) return 'is this the base URL of evenkeel, and is this version deployed there?';
  if (status >= 500 || status === 429) return 'look at its log, and try again in a while';
  return "give the app's own base URL";
}
