/** Where a registry sends its clients for a token. */
interface BearerChallenge {
  readonly realm: string;
  readonly service: string;
}

/** A word, alone or with a value that is quoted or not. A word alone is the name of a scheme. */
const parts = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/**
 * Reads the first Bearer challenge of a `WWW-Authenticate` header, which may hold several challenges.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 *
 * @returns `undefined` without one that names a realm and a service.
 */
export function parseBearerChallenge(header: string | undefined): BearerChallenge | undefined {
  let isBearer = false;
  const found = new Map<string, string>();
  for (const [, word = '', quoted, plain] of (header ?? '').matchAll(parts)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) {
      if (isBearer) break;
      isBearer = word.toLowerCase() === 'bearer';
    } else if (isBearer) {
      found.set(word.toLowerCase(), value);
    }
  }
  const realm = found.get('realm');
  const service = found.get('service');
  return realm === undefined || service === undefined ? undefined : { realm, service };
}
