import { azureClients } from '../azure/clients.ts';
import type { Config } from '../config.ts';
import { isLate, unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { NotSignedInError } from '../lib/errors.ts';

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
export async function signIn(azure: AzureClients, deadline: Deadline): Promise<void> {
  const { audience, credential } = await azure.arm();
  if (credential !== undefined) await getToken(credential, audience, deadline);
}

/**
 * Asks for a token before the first call, until the deadline at the latest: the credential chain does not heed a signal
 * in each of its parts.
 * @throws {NotSignedInError}
 */
export async function getToken(
  credential: Awaited<ReturnType<AzureClients['credential']>>,
  scope: string,
  { signal }: Deadline,
): Promise<void> {
  try {
    await unlessAborted(signal, credential.getToken(scope));
  } catch (error) {
    throw isLate(error) ? new NotSignedInError('no token came in time', { cause: error }) : error;
  }
}
