import { describe, expect, it } from 'vitest';
import { NoTokenError, tokenAuthorityOf } from '../../../src/azure/registry-endpoint/tokens.ts';

const trusted = ['myregistry.eastus.geo.azurecr.io', 'myregistry.azurecr.io'];
const challenge = (realm: string) => `Bearer realm="${realm}",service="myregistry.azurecr.io"`;

describe('who gives tokens for a registry', () => {
  it.each(trusted)('may be %s', (host) => {
    expect(tokenAuthorityOf(challenge(`https://${host}/oauth2/token`), trusted)).toEqual({
      exchangeUrl: `https://${host}/oauth2/exchange`,
      tokenUrl: `https://${host}/oauth2/token`,
      service: 'myregistry.azurecr.io',
    });
  });

  it.each([
    'https://evil.example/oauth2/token',
    'https://myregistry.azurecr.io.evil.example/oauth2/token',
    'https://myregistry.azurecr.io@evil.example/oauth2/token',
    'https://user@myregistry.azurecr.io/oauth2/token',
    'https://myregistry.azurecr.io:8443/oauth2/token',
    'http://myregistry.azurecr.io/oauth2/token',
    '/oauth2/token',
    '',
  ])('may not be %s', (realm) => {
    expect(() => tokenAuthorityOf(challenge(realm), trusted)).toThrowError(NoTokenError);
  });
});
