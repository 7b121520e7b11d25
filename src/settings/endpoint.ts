import { unresolvedReference } from './key-vault-reference.ts';
import { badSetting, goodSetting, type Setting } from './setting.ts';

/** The base URL of a service, without slashes at its end. */
export interface Endpoint {
  readonly url: string;
  /** True for plain http on loopback, where no credential is ever requested or sent. */
  readonly isInsecure: boolean;
}

/**
 * Parses the URL of a service: https on any host, plain http on loopback only.
 * @param name the setting, as an error names it. No error repeats what may be a secret.
 */
export function parseEndpoint(name: string, text: string): Setting<Endpoint> {
  const unresolved = unresolvedReference(name, text);
  if (unresolved !== undefined) return badSetting(unresolved);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return badSetting(`${name}: expected an https URL, found ${shown(text)}`);
  }
  if (url.username !== '' || url.password !== '') {
    return badSetting(`${name}: expected a URL without credentials, found one that carries some`);
  }
  // A shared access signature is in the query, and no path can follow a query.
  if (/[?#]/.test(text)) {
    return badSetting(
      `${name}: expected a URL without a query or fragment, found ${JSON.stringify(url.origin + url.pathname)} with one`,
    );
  }
  const isInsecure = url.protocol === 'http:';
  if (isInsecure && !isLoopback(url.hostname)) {
    return badSetting(
      `${name}: expected https (plain http is accepted on loopback only), found ${shown(text)}`,
    );
  }
  return goodSetting({ url: url.href.replace(/\/+$/, ''), isInsecure });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Text that could hold a key, as a connection string in the place of a URL does, is not repeated. */
const shown = (text: string): string =>
  text.length <= 200 && /^[\w.:/[\]%~-]*$/.test(text)
    ? JSON.stringify(text)
    : 'text that is not repeated here';
