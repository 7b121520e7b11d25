import type { TokenCredential } from '@azure/core-auth';
import QuickLRU from 'quick-lru';
import * as v from 'valibot';
import { inTime } from '../../lib/async.ts';
import { parseJson } from '../../lib/json.ts';
import { type Registry, registryKey } from '../../registries/registry.ts';
import {
  NoTokenError,
  type TokenAuthority,
  TokenRefusedError,
  TokenServiceFailedError,
  TokenServiceThrottledError,
} from './challenge.ts';
import { coolDowns } from './cool-downs.ts';
import type { Send } from './send.ts';

/**
 * The access tokens of registries, for the app's identity.
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
interface RegistryTokens {
  /** The cached token for a scope such as `repository:team/app:pull`. Every regional endpoint accepts it. */
  held(registry: Registry, scope: string): string | undefined;
  /**
   * Requests a new token.
   * @param refused the token that the registry refused, if one was sent; it is dropped.
   * @throws {NoTokenError} when the registry gives none.
   */
  renew(
    registry: Registry,
    scope: string,
    authority: TokenAuthority,
    refused: string | undefined,
  ): Promise<string>;
}

interface TokenPorts {
  /** Called only when a registry requires a token. */
  readonly credential: () => Promise<TokenCredential>;
  readonly send: Send;
  readonly now: () => Date;
}

/** The audience is the same in every cloud, as in the Azure CLI. Only container registries accept such a token. */
const audience = 'https://containerregistry.azure.net/.default';

export function registryTokens({ credential, send, now }: TokenPorts): RegistryTokens {
  const cache = tokenCache(now);
  // By the token service, which is one for all regions of a registry or one for each.
  const resting = coolDowns(now);
  const accessKey = (registry: Registry, scope: string) => `access ${registryKey(registry.id)} ${scope}`;

  const post = async (url: string, form: Readonly<Record<string, string>>): Promise<unknown> => {
    const { host } = new URL(url);
    const restMs = resting.remainingMs(host);
    if (restMs > 0) throw new TokenServiceThrottledError(restMs);
    const answer = await send({
      method: 'POST',
      url,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    if (answer.kind === 'throttled') {
      resting.start(host, answer.retryAfterMs);
      throw new TokenServiceThrottledError(answer.retryAfterMs);
    }
    if (answer.kind === 'unasked') throw new NoTokenError(`its token service: ${answer.reason}`);
    if (answer.kind === 'failed') throw new TokenServiceFailedError(`its token service: ${answer.reason}`);
    if (answer.status === 200) return parseJson(answer.body?.toString() ?? '');
    if (answer.status >= 500)
      throw new TokenServiceFailedError(`its token service answered ${answer.status}`);
    throw new TokenRefusedError(answer.status, answer.body);
  };
  const refreshToken = (registry: Registry, { exchangeUrl, service }: TokenAuthority): Promise<string> =>
    cache.get(`refresh ${registryKey(registry.id)}`, exchangeUrl, async () => {
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
      // The next attempt then begins with a new refresh token.
      if (error instanceof TokenRefusedError)
        cache.drop(`refresh ${registryKey(registry.id)}`, refresh_token);
      throw error;
    }
  };
  return {
    held: (registry, scope) => cache.held(accessKey(registry, scope)),
    async renew(registry, scope, authority, refused) {
      const key = accessKey(registry, scope);
      if (refused !== undefined) cache.drop(key, refused);
      return cache.get(key, authority.tokenUrl, () => accessToken(registry, scope, authority));
    },
  };
}

const identityTimeoutMs = 8_000;

async function identityToken(credential: () => Promise<TokenCredential>): Promise<string> {
  try {
    const token = await inTime(identityTimeoutMs, async (abortSignal) =>
      (await credential()).getToken(audience, { abortSignal }),
    );
    if (token !== null) return token.token;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'an error';
    throw new NoTokenError(`the app's identity got no token (${name})`, { cause: error });
  }
  throw new NoTokenError("the app's identity got no token");
}

const tokenSchema = v.pipe(v.string(), v.minLength(1));

function parsed<S extends v.GenericSchema>(schema: S, answer: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, answer);
  if (!result.success) throw new NoTokenError('its token service answered something that is no token');
  return result.output;
}

/** Keeps tokens until shortly before they expire. */
interface TokenCache {
  /** The cached token; `undefined` when there is none or it has expired. */
  held(key: string): string | undefined;
  /**
   * The cached token, or a new one. Callers that come while it is loaded share the load. One that fails speaks only for
   * its own source: who has another one then loads from there.
   * @param source the service that gives it.
   */
  get(key: string, source: string, load: () => Promise<string>): Promise<string>;
  /** Drops a token that was refused, unless another has replaced it. */
  drop(key: string, token: string): void;
}

/** A token must outlive the call that it is sent with. */
const marginMs = 60_000;

export function tokenCache(now: () => Date): TokenCache {
  const tokens = new QuickLRU<string, { token: string; untilMs: number }>({ maxSize: 1_000 });
  const loading = new Map<string, ReadonlyMap<string, Promise<string>>>();
  const held = (key: string): string | undefined => {
    const found = tokens.get(key);
    return found !== undefined && now().getTime() < found.untilMs ? found.token : undefined;
  };
  const loadOnce = async (key: string, source: string, load: () => Promise<string>): Promise<string> => {
    try {
      const token = await load();
      const endMs = expiryMs(token);
      if (endMs !== undefined) tokens.set(key, { token, untilMs: endMs - marginMs });
      return token;
    } finally {
      const others = [...(loading.get(key) ?? [])].filter(([one]) => one !== source);
      if (others.length === 0) loading.delete(key);
      else loading.set(key, new Map(others));
    }
  };
  return {
    held,
    async get(key, source, load) {
      const found = held(key);
      if (found !== undefined) return found;
      const [first] = loading.get(key)?.keys() ?? [];
      if (first !== undefined && first !== source) {
        const shared = await loading
          .get(key)
          ?.get(first)
          ?.catch(() => undefined);
        if (shared !== undefined) return shared;
      }
      const same = loading.get(key)?.get(source);
      if (same !== undefined) return same;
      const own = loadOnce(key, source, load);
      loading.set(key, new Map([...(loading.get(key) ?? []), [source, own]]));
      return own;
    },
    drop(key, token) {
      if (tokens.get(key)?.token === token) tokens.delete(key);
    },
  };
}

const claimsSchema = v.object({ exp: v.number() });

/**
 * The time at which a JSON Web Token expires, in ms since 1970; `undefined` when the token names none. Its signature
 * is not verified: a wrong time would harm only the sender of the token.
 * https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
 */
function expiryMs(token: string): number | undefined {
  const claims = v.safeParse(
    claimsSchema,
    parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
  );
  return claims.success ? claims.output.exp * 1000 : undefined;
}
