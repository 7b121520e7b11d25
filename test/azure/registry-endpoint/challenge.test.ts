import { describe, expect, it } from 'vitest';
import { parseBearerChallenge } from '../../../src/azure/registry-endpoint/tokens.ts';

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
