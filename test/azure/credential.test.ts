import {
  AggregateAuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { signInError } from '../../src/azure/credential.ts';
import { NotSignedInError } from '../../src/lib/errors.ts';

const advice =
  'run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where there is a managed identity';
const chain = (...messages: readonly string[]) =>
  new AggregateAuthenticationError(messages.map((message) => new CredentialUnavailableError(message)));

describe('a sign-in that failed', () => {
  it.each([
    ['because no credential is there', chain('no variables', 'no CLI'), 'Not signed in to Azure: '],
    [
      'because a sign-in has expired',
      chain(
        'no variables',
        'ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01.\r\nTo re-authenticate, run: az login',
      ),
      'Not signed in to Azure (AADSTS700082: The refresh token has expired due to inactivity): ',
    ],
    [
      'because more is asked for',
      new AuthenticationRequiredError({
        scopes: [],
        message: 'AADSTS50076: use multi-factor authentication',
      }),
      'Not signed in to Azure (AADSTS50076: use multi-factor authentication): ',
    ],
  ])('%s is told in one line', (_, error, start) => {
    const told = signInError(error);
    expect(told).toBeInstanceOf(NotSignedInError);
    expect(told).toMatchObject({ message: `${start}${advice}`, cause: error });
  });

  it.each([
    ['an interruption', new DOMException('aborted', 'AbortError')],
    ['a fault of the program', new TypeError('x')],
  ])('is %s as it is', (_, error) => {
    expect(signInError(error)).toBe(error);
  });
});
