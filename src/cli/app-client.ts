import { anySignal } from '../lib/any-signal.ts';
import { parseJson } from '../lib/json.ts';
import { parseEndpoint } from '../settings/endpoint.ts';
import { type Environment, SettingError, settingValue, textOf } from '../settings/setting.ts';
import type { CliContext } from './context.ts';
import type { HttpRequest, HttpResponse } from './http-request.ts';
import { keepNames, namesAfterStatus } from './known-names.ts';

/** How a command reaches the function app. */
export interface AppAccess {
  /** Without a final slash. */
  readonly url: string;
  /** A function key, sent in the header `x-functions-key` and nowhere else. */
  readonly key: string | undefined;
}

/** The app gave no usable answer. The message says what to do about it. */
export class AppCallError extends Error {
  override readonly name: string = 'AppCallError';
}

/** The app refused, or is none of evenkeel. Asking again cannot help. */
export class AppRefusedError extends AppCallError {
  override readonly name = 'AppRefusedError';
}

/**
 * Finds the function app by `--app` or `EVENKEEL_APP`, and its key by `EVENKEEL_KEY`. Plain http is accepted on
 * loopback only, so that a key never travels in the clear.
 * @throws {SettingError} that names what is missing or wrong and never shows a key.
 */
export function findApp(option: string | undefined, env: Environment): AppAccess {
  const text = option ?? textOf(env, 'EVENKEEL_APP');
  if (text === undefined) {
    throw new SettingError(
      'no function app: give --app or set EVENKEEL_APP to its base URL, such as https://my-evenkeel.azurewebsites.net',
    );
  }
  const name = option === undefined ? 'EVENKEEL_APP' : '--app';
  // The text is not quoted: people paste the portal's "function URL", which carries the key.
  if (/[?#]/.test(text)) {
    throw new SettingError(`${name}: expected a base URL without a query; a key belongs in EVENKEEL_KEY`);
  }
  const { url } = settingValue(parseEndpoint(name, text.trim()));
  return { url: url.replace(/\/api(\/replication)?$/, ''), key: functionKey(env) };
}

/** The key is checked here, because the error of a header that cannot be sent may show it. */
function functionKey(env: Environment): string | undefined {
  const key = textOf(env, 'EVENKEEL_KEY');
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new SettingError('EVENKEEL_KEY: expected a function key, found characters that no key has');
  }
  return key;
}

interface AppRequest extends Partial<Omit<HttpRequest, 'signal'>> {
  readonly timeoutMs: number;
}

/**
 * Calls the app once, whatever it answers.
 * @throws {AppCallError} when there is no answer.
 */
export async function callApp(
  { send, interrupted }: Pick<CliContext, 'send' | 'interrupted'>,
  { key }: AppAccess,
  url: URL,
  { method = 'GET', headers = {}, body, timeoutMs }: AppRequest,
): Promise<HttpResponse> {
  try {
    return await send(url, {
      method,
      headers: { ...headers, ...(key === undefined ? {} : { 'x-functions-key': key }) },
      body,
      signal: anySignal(AbortSignal.timeout(timeoutMs), interrupted),
    });
  } catch (error) {
    throw new AppCallError(unreachableReason(error, timeoutMs), { cause: error });
  }
}

/** Longer than the app itself takes to give up, with room for a cold start. */
const statusTimeoutMs = 30_000;

/**
 * Fetches the status document of the app, and keeps its names for completion.
 * @param parse returns `undefined` for anything else than a status document.
 * @returns the parsed document, and the body as the app sent it.
 * @throws {AppCallError}
 */
export async function fetchStatus<T>(
  context: Pick<CliContext, 'send' | 'interrupted' | 'cache'>,
  app: AppAccess,
  parse: (body: unknown) => T | undefined,
): Promise<{ readonly status: T; readonly body: unknown }> {
  const answer = await callApp(context, app, new URL(`${app.url}/api/status`), {
    headers: { accept: 'application/json' },
    timeoutMs: statusTimeoutMs,
  });
  if (answer.status !== 200) {
    throw statusError(answer.status);
  }
  const body = parseJson(answer.text);
  if (body === undefined) {
    throw new AppRefusedError('the app did not answer with JSON; is this the base URL of evenkeel?');
  }
  const status = parse(body);
  if (status === undefined) {
    throw new AppRefusedError('the app did not answer with a status document; does it run another version?');
  }
  await keepNames(context, (before) => namesAfterStatus(before, body));
  return { status, body };
}

/** What a status means that is none of those that evenkeel answers with. */
export function statusError(status: number): AppCallError {
  const message = `the app answered ${status}: ${adviceOn(status)}`;
  const isTemporary = status >= 500 || status === 408 || status === 429;
  return isTemporary ? new AppCallError(message) : new AppRefusedError(message);
}

function adviceOn(status: number): string {
  const access = accessAdvice(status);
  if (access !== undefined) return access;
  if (status === 404) return 'is this the base URL of evenkeel, and is this version deployed there?';
  if (status >= 500 || status === 429) return 'check its log and try again later';
  return "give the app's own base URL";
}

/** What to do when the app refuses the caller; `undefined` for every other status. */
export function accessAdvice(status: number): string | undefined {
  if (status === 401) return 'set EVENKEEL_KEY to a valid function key of the app';
  if (status !== 403) return undefined;
  return "set EVENKEEL_KEY to a valid function key, and check the app's access restrictions";
}

/** Why a call got no answer. An error may have only a code: it is an aggregate when the host has two addresses. */
function unreachableReason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'the call failed';
  if (error.name === 'TimeoutError') {
    return `the app did not answer within ${timeoutMs / 1000} s: try again, and look at its log`;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const advice = unreachableAdvice[code];
  return `the app cannot be reached: ${error.message || code}${advice === undefined ? '' : `; ${advice}`}`;
}

/** What to do about an error of the network, by its code. */
const unreachableAdvice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'check the host name in --app or EVENKEEL_APP, and the network',
  EAI_AGAIN: 'check the network, and its name servers',
  ECONNREFUSED: 'nothing listens there: check --app or EVENKEEL_APP, and that the app runs',
};
