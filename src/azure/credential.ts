import type { TokenCredential } from '@azure/core-auth';
import { DefaultAzureCredential } from '@azure/identity';

/**
 * The managed identity in Azure (`AZURE_CLIENT_ID` selects a user-assigned one), and a developer's sign-in elsewhere.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 *
 * @param authorityHost the URL at which the cloud's identities sign in.
 */
export const azureCredential = (authorityHost: string): TokenCredential =>
  new DefaultAzureCredential({ authorityHost });
