import type { TokenCredential } from '@azure/core-auth';
import QuickLRU from 'quick-lru';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Send } from './send.ts';

/** A registry gave no token; the message is the reason alone, for an answer that says why nothing is known. */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
  /** Set when it asked not to be asked. */
  readonly retryAfterMs: number | undefined;
  constructor(reason: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(reason, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/**
 * The access tokens of registries, for the app's identity.
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
interface RegistryTokens {
  /** One that is held for a scope such as `repository:team/app:pull`; it is good at every regional endpoint. */
  held(registry: Registry, scope: string): string | undefined;
  /**
   * Asks for another than the one that was refused.
   * @throws {NoTokenError}
   */
  renew(
    registry: Registry,
    scope: string,
    authority: TokenAuthority,
    refused: string | undefined,
  ): Promise<string>;
}

interface TokenPorts {
  /** Asked for only when a registry asks for a token. */
  readonly credential: () => Promise<TokenCredential>;
  readonly send: Send;
  readonly now: () => Date;
}

/** The same in every cloud, as the Azure command line has it. Only container registries accept such a token. */
const audience = 'https://containerregistry.azure.net/.default';

export function registryTokens({ credential, send, now }: TokenPorts): RegistryTokens {
  const cache = tokenCache(now);
  const accessKey = (registry: Registry, scope: string) => `access ${registry.name} ${scope}`;

  const post = async (url: string, form: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer = await send({
      method: 'POST',
      url,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    if (answer.kind === 'throttled')
      throw new NoTokenError('its token service is throttled', { retryAfterMs: answer.retryAfterMs });
    if (answer.kind !== 'answered') throw new NoTokenError(`its token service: ${answer.reason}`);
    if (answer.status === 200) return parseJson(answer.body?.toString() ?? '');
    if (answer.status >= 500) throw new NoTokenError(`its token service answered ${answer.status}`);
    throw new TokenRefusedError(answer.status);
  };
  const refreshToken = (registry: Registry, { exchangeUrl, service }: TokenAuthority): Promise<string> =>
    cache.get(`refresh ${registry.name}`, async () => {
      const access_token = await identityToken(credential);
      const answer = await post(exchangeUrl, { grant_type: 'access_token', service, access_token });
      return parsed(v.object({ refresh_token: tokenSchema }), answer).refresh_token;
    });
  const accessToken = async (
    registry: Registry,
    scope: string,
    authority: TokenAuthority,
  ): Promise<string> => {
    const refresh_token = await refreshToken(registry, authority);
    const { tokenUrl, service } = authority;
    try {
      const answer = await post(tokenUrl, { grant_type: 'refresh_token', service, scope, refresh_token });
      return parsed(v.object({ access_token: tokenSchema }), answer).access_token;
    } catch (error) {
      // So that the next attempt begins with a new one.
      if (error instanceof TokenRefusedError) cache.drop(`refresh ${registry.name}`, refresh_token);
      throw error;
    }
  };
  return {
    held: (registry, scope) => cache.held(accessKey(registry, scope)),
    async renew(registry, scope, authority, refused) {
      const key = accessKey(registry, scope);
      if (refused !== undefined) cache.drop(key, refused);
      return cache.get(key, () => accessToken(registry, scope, authority));
    },
  };
}

/** The role that lets the app's identity read manifests; which one depends on the registry's role assignment mode. */
export const pullRole =
  'AcrPull (or Container Registry Repository Reader, where repositories have permissions)';

class TokenRefusedError extends NoTokenError {
  constructor(status: number) {
    super(`its token service answered ${status}: assign the role ${pullRole} on the registry`);
  }
}

async function identityToken(credential: () => Promise<TokenCredential>): Promise<string> {
  try {
    const token = await (await credential()).getToken(audience, {
      abortSignal: AbortSignal.timeout(identityTimeoutMs),
    });
    if (token !== null) return token.token;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'an error';
    throw new NoTokenError(`the app's identity got no token (${name})`, { cause: error });
  }
  throw new NoTokenError("the app's identity got no token");
}

const identityTimeoutMs = 8_000;
const tokenSchema = v.pipe(v.string(), v.minLength(1));

function parsed<S extends v.GenericSchema>(schema: S, answer: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, answer);
  if (!result.success) throw new NoTokenError('its token service answered something that is no token');
  return result.output;
}

/** Tokens until shortly before they run out. */
interface TokenCache {
  /** A token that is held and still good. */
  held(key: string): string | undefined;
  /** Loads one when none is held; once for all who ask meanwhile. */
  get(key: string, load: () => Promise<string>): Promise<string>;
  /** Drops a token that was refused, unless it has been replaced since. */
  drop(key: string, token: string): void;
}

/** A token must live through the call that it is sent with. */
const marginMs = 60_000;

export function tokenCache(now: () => Date): TokenCache {
  const tokens = new QuickLRU<string, { token: string; untilMs: number }>({ maxSize: 1_000 });
  const loading = new Map<string, Promise<string>>();
  const held = (key: string): string | undefined => {
    const found = tokens.get(key);
    return found !== undefined && now().getTime() < found.untilMs ? found.token : undefined;
  };
  const loadOnce = async (key: string, load: () => Promise<string>): Promise<string> => {
    try {
      const token = await load();
      const endMs = expiryMs(token);
      if (endMs !== undefined) tokens.set(key, { token, untilMs: endMs - marginMs });
      return token;
    } finally {
      loading.delete(key);
    }
  };
  return {
    held,
    async get(key, load) {
      const found = held(key);
      if (found !== undefined) return found;
      const shared = loading.get(key) ?? loadOnce(key, load);
      loading.set(key, shared);
      return shared;
    },
    drop(key, token) {
      if (tokens.get(key)?.token === token) tokens.delete(key);
    },
  };
}

const claimsSchema = v.object({ exp: v.number() });

/**
 * When a JSON Web Token runs out, in ms since 1970; `undefined` when it does not say. Only its holder is fooled by a
 * token that lies about that, so its signature does not matter here.
 * https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
 */
function expiryMs(token: string): number | undefined {
  const claims = v.safeParse(
    claimsSchema,
    parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
  );
  return claims.success ? claims.output.exp * 1000 : undefined;
}

/** Who gives tokens for a registry. */
interface TokenAuthority {
  readonly exchangeUrl: string;
  readonly tokenUrl: string;
  readonly service: string;
}

/**
 * Takes a challenge's word for where tokens are given, as long as that is the registry itself: an answer must not be
 * able to send our credential elsewhere.
 *
 * @param trustedHosts hosts, with the port where it is not 443.
 * @throws {NoTokenError}
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
