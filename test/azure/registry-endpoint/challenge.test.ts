import { describe, expect, it } from 'vitest';
import {
  NoTokenError,
  parseBearerChallenge,
  tokenAuthorityOf,
} from '../../../src/azure/registry-endpoint/challenge.ts';

const realm = 'https://myregistry.azurecr.io/oauth2/token';
const service = 'myregistry.azurecr.io';

describe('a bearer challenge', () => {
  it.each([
    [`Bearer realm="${realm}",service="${service}",scope="repository:team/app:pull"`],
    [`bearer Realm="${realm}" , SERVICE="${service}"`],
    [`Bearer service=${service},realm="${realm}",error="invalid_token"`],
    [`Basic realm="x, service=\\"y\\"", Bearer realm="${realm}",service="${service}"`],
    [`Negotiate abc==, Bearer realm="${realm}",service="${service}"`],
    [`Bearer realm="${realm}",service="${service}", Basic realm="other"`],
    [`Bearer realm="${realm}",service="${service}", Bearer realm="other",service="other"`],
    [`Bearer realm="https://myregistry.azurecr.io\\/oauth2/token",service="${service}"`],
  ])('is read from %s', (header) => {
    expect(parseBearerChallenge(header)).toEqual({ realm, service });
  });

  it.each([
    [undefined],
    [''],
    ['Bearer'],
    ['Basic realm="x",service="y"'],
    [`Bearer realm="${realm}"`],
    [`Bearer service="${service}", Basic realm="x"`],
    ['Bearer realm="unfinished'],
  ])('is not found in %s', (header) => {
    expect(parseBearerChallenge(header)).toBeUndefined();
  });
});

describe('the token service of a registry', () => {
  const trusted = ['myregistry.eastus.geo.azurecr.io', 'myregistry.azurecr.io'];
  const challenge = (realm: string) => `Bearer realm="${realm}",service="${service}"`;

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
