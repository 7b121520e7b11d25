import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';

/** A token that is about to expire is not handed out again. */
const spareMs = 5 * 60 * 1000;

/** A credential that asks once for all clients: the Azure CLI starts a process for each token. */
export function sharingTokens(credential: TokenCredential, now: () => number): TokenCredential {
  const shared = new Map<string, Promise<AccessToken | null>>();
  const ask = (key: string, scopes: string | string[]) => {
    const asked = credential.getToken(scopes);
    shared.set(key, asked);
    asked.catch(() => shared.delete(key));
    return asked;
  };
  return {
    async getToken(scopes, options: GetTokenOptions = {}) {
      // A challenge of the service asks for another token than the one that there is.
      if (options.claims !== undefined || options.tenantId !== undefined) {
        return credential.getToken(scopes, options);
      }
      const key = [scopes].flat().join(' ');
      const asked = shared.get(key);
      if (asked === undefined) return ask(key, scopes);
      const token = await asked;
      if (token != null && token.expiresOnTimestamp - spareMs > now()) return token;
      return ask(key, scopes);
    },
  };
}
