import { describe, expect, it } from 'vitest';
import {
  firstLabelOf,
  isAzureLoginServer,
  loginServerOfHost,
  normalHost,
  registryNameOf,
} from '../../src/registries/host.ts';

describe('a host of a registry', () => {
  it.each([
    ['MyRegistry.azurecr.io', 'myregistry.azurecr.io', 'myregistry', true],
    ['myregistry.azurecr.io:443', 'myregistry.azurecr.io', 'myregistry', true],
    [' myregistry.azurecr.io. ', 'myregistry.azurecr.io', 'myregistry', true],
    ['myregistry-a1b2c3.azurecr.io', 'myregistry-a1b2c3.azurecr.io', 'myregistry', true],
    ['myregistry.eastus.geo.azurecr.io', 'myregistry.azurecr.io', 'myregistry', true],
    ['myregistry-a1b2c3.eastus2euap.geo.azurecr.us:443', 'myregistry-a1b2c3.azurecr.us', 'myregistry', true],
    ['myregistry.azurecr.cn', 'myregistry.azurecr.cn', 'myregistry', true],
    ['images.contoso.com', 'images.contoso.com', 'images', false],
    ['myregistry.azurecr.io.evil.example', 'myregistry.azurecr.io.evil.example', 'myregistry', false],
    ['evil.example/myregistry.azurecr.io', 'evil.example/myregistry.azurecr.io', 'evil', false],
    ['a.b.azurecr.io', 'a.b.azurecr.io', 'a', false],
    ['', '', '', false],
  ])('%j belongs to the login server %j', (host, loginServer, name, isAzure) => {
    const found = loginServerOfHost(normalHost(host));
    expect([found, registryNameOf(found), isAzureLoginServer(found)]).toEqual([loginServer, name, isAzure]);
  });

  it('has a first label, with the hash', () => {
    expect(firstLabelOf('myregistry-a1b2c3.azurecr.io')).toBe('myregistry-a1b2c3');
  });
});
