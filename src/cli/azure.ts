import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import { azureClients } from '../azure/clients.ts';
import type { Config } from '../config.ts';
import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';

type AzureClients = ReturnType<typeof azureClients>;

/**
 * The clients of Azure for a command. It is signed in before the first call: one that fails then says so in one line,
 * and is not taken for a zone or a group that cannot be read. The Azure CLI alone takes a second or more for a token,
 * which the time limit of a call does not have to cover.
 * @throws {NotSignedInError | SettingError}
 */
export async function signedInClients(config: Config, deadline: Deadline): Promise<AzureClients> {
  const azure = azureClientsOf(config);
  await signIn(azure, deadline);
  return azure;
}

/** The same, without signing in. */
export const azureClientsOf = (config: Config): AzureClients =>
  azureClients(config, async (authorityHost) => {
    const { azureCredential } = await import('../azure/credential.ts');
    return sharingTokens(azureCredential(authorityHost), Date.now);
  });

/**
 * Signs in to Resource Manager. Does nothing where it is on loopback http.
 * @throws {NotSignedInError | SettingError}
 */
export async function signIn(azure: AzureClients, { signal }: Deadline): Promise<void> {
  const { audience, credential } = await azure.arm();
  if (credential !== undefined) await unlessAborted(signal, credential.getToken(audience));
}

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
