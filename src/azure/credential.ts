import type { TokenCredential } from '@azure/core-auth';
import { DefaultAzureCredential } from '@azure/identity';
import { NotSignedInError } from '../lib/errors.ts';

/**
 * The managed identity in Azure (`AZURE_CLIENT_ID` selects a user-assigned one), and a developer's sign-in elsewhere.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 *
 * @param authorityHost the URL at which the cloud's identities sign in.
 */
export function azureCredential(authorityHost: string): TokenCredential {
  const chain = new DefaultAzureCredential({ authorityHost });
  return {
    async getToken(scopes, options) {
      try {
        return await chain.getToken(scopes, options);
      } catch (error) {
        throw signInError(error);
      }
    },
  };
}

/**
 * The error of a sign-in that failed. A chain of credentials tells at length why each of them is not to be had.
 *
 * | error of the chain                        | becomes                                            |
 * |-------------------------------------------|----------------------------------------------------|
 * | none of its credentials is there          | `NotSignedInError`                                 |
 * | the directory refused (`AADSTS…`)         | `NotSignedInError` with the directory's first line |
 * | interrupted, or any other                 | the same error                                     |
 */
export function signInError(error: unknown): unknown {
  if (!(error instanceof Error) || !signInErrors.has(error.name)) return error;
  const [refusal] = /AADSTS\d+: [^\r\n]*?(?=\.(?:\s|$)|[\r\n]|$)/.exec(error.message) ?? [];
  return new NotSignedInError(refusal, { cause: error });
}

const signInErrors = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);
