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
    const [{ azureCredential }, { sharingTokens }] = await Promise.all([
      import('../azure/credential.ts'),
      import('../azure/shared-tokens.ts'),
    ]);
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
