import type { TokenCredential } from '@azure/core-auth';
import { DefaultAzureCredential } from '@azure/identity';

/**
 * The managed identity in Azure (`AZURE_CLIENT_ID` picks a user-assigned one), a developer's own sign-in elsewhere.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 */
export const azureCredential = (authorityHost: string): TokenCredential =>
  new DefaultAzureCredential({ authorityHost });
