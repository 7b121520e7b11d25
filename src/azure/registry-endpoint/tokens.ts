import type { TokenCredential } from '@azure/core-auth';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import type { Registry } from '../../registries/registry.ts';
import { NoTokenError } from '../regional-endpoint/no-token-error.ts';
import type { TokenAuthority } from '../regional-endpoint/token-authority.ts';
import { tokenCache } from '../regional-endpoint/token-cache.ts';
import type { Send } from './send.ts';

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
