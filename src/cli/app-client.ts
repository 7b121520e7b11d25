import { parseEndpoint } from '../settings/endpoint.ts';
import { type Environment, SettingError, settingValue, textOf } from '../settings/setting.ts';

/** How a command reaches the function app. */
export interface AppAccess {
  /** Without a final slash. */
  readonly url: string;
  /** A function key, for the header `x-functions-key` and nowhere else. */
  readonly key: string | undefined;
}

/**
 * Finds the function app by `--app` or `EVENKEEL_APP`, and its key by `EVENKEEL_KEY`. Plain http is accepted
 * on loopback only, so that no key ever travels in the clear.
 * @throws {SettingError} which names what is missing or wrong, and never shows a key.
 */
export function findApp(option: string | undefined, env: Environment): AppAccess {
  const text = option ?? textOf(env, 'EVENKEEL_APP');
  if (text === undefined) {
    throw new SettingError(
      'no function app: give --app or set EVENKEEL_APP to its base URL, such as https://my-evenkeel.azurewebsites.net',
    );
  }
  const name = option === undefined ? 'EVENKEEL_APP' : '--app';
  // Not quoted: people paste the portal's "function URL", which carries the key.
  if (/[?#]/.test(text)) {
    throw new SettingError(`${name}: expected a base URL without a query; a key belongs in EVENKEEL_KEY`);
  }
  const { url } = settingValue(parseEndpoint(name, text.trim()));
  return { url: url.replace(/\/api(\/replication)?$/, ''), key: keyIn(env) };
}

/** Checked here, because the error of `fetch` about a header that it cannot send shows the header. */
function keyIn(env: Environment): string | undefined {
  const key = textOf(env, 'EVENKEEL_KEY');
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new SettingError('EVENKEEL_KEY: expected a function key, found characters that no key has');
  }
  return key;
}
