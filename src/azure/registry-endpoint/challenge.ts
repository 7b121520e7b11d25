/** The token service of a registry. */
export interface TokenAuthority {
  readonly exchangeUrl: string;
  readonly tokenUrl: string;
  readonly service: string;
}

/**
 * The token service that a challenge names. It is trusted only on the registry's own hosts: an answer must not be able
 * to send the app's credential elsewhere.
 *
 * @param header the `WWW-Authenticate` header of an answer with 401.
 * @param trustedHosts the registry's hosts, each with its port unless that is 443.
 * @throws {NoTokenError} when the header holds no bearer challenge, or names another host.
 */
export function tokenAuthorityOf(
  header: string | undefined,
  trustedHosts: readonly string[],
): TokenAuthority {
  const challenge = parseBearerChallenge(header);
  if (challenge === undefined) throw new NoTokenError('it asks for a credential, and not for a bearer token');
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  const isTrusted =
    realm !== undefined &&
    realm.protocol === 'https:' &&
    realm.username === '' &&
    realm.password === '' &&
    trustedHosts.includes(realm.host);
  if (!isTrusted) {
    throw new NoTokenError(
      `it asks for a token from ${JSON.stringify(realm?.host ?? challenge.realm)}, which is not the registry's own host`,
    );
  }
  return {
    exchangeUrl: `${realm.origin}/oauth2/exchange`,
    tokenUrl: realm.href,
    service: challenge.service,
  };
}

/** A registry gave no token. The message is the bare reason, which becomes the reason of an `unasked` answer. */
export class NoTokenError extends Error {
  override readonly name: string = 'NoTokenError';
}

/** The token service of a registry wants no further calls for this time, which says nothing about its endpoints. */
export class TokenServiceThrottledError extends NoTokenError {
  override readonly name = 'TokenServiceThrottledError';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('its token service is throttled');
    this.retryAfterMs = retryAfterMs;
  }
}

/** The token service of a registry failed: it answered 5xx, or not at all. */
export class TokenServiceFailedError extends NoTokenError {
  override readonly name = 'TokenServiceFailedError';
}

/** The token service of a registry refused the app's identity. */
export class TokenRefusedError extends NoTokenError {
  override readonly name = 'TokenRefusedError';
  readonly status: number;
  readonly body: Buffer | undefined;
  constructor(status: number, body: Buffer | undefined) {
    super(`its token service answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** The parameters of a challenge that name a token service. */
interface BearerChallenge {
  readonly realm: string;
  readonly service: string;
}

/** Matches a word, alone or with a value that is quoted or not. A word alone is the name of a scheme. */
const parts = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/**
 * Reads the first Bearer challenge of a `WWW-Authenticate` header, which may hold several challenges.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 *
 * @returns `undefined` when no challenge names a realm and a service.
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
