import { describe, expect, it } from 'vitest';
import { regionalEndpointOf } from '../../../src/azure/registry-endpoint/caller.ts';
import { registryOf } from '../../registries/registry-of.ts';

describe('the regional endpoint of a registry', () => {
  it.each([
    ['myregistry.azurecr.io', 'https://myregistry.eastus.geo.azurecr.io'],
    ['myregistry-abc123.azurecr.io', 'https://myregistry-abc123.eastus.geo.azurecr.io'],
    ['myregistry.azurecr.cn', 'https://myregistry.eastus.geo.azurecr.cn'],
  ])('follows from the login server %s', (loginServer, url) => {
    expect(regionalEndpointOf(registryOf(), 'eastus', loginServer)).toEqual({ url, isInsecure: false });
  });

  it('is the configured one, whatever the login server', () => {
    const configured = {
      url: 'http://127.0.0.1:7080/registry-endpoints/myregistry/eastus',
      isInsecure: true,
    };
    const registry = registryOf({ endpoints: new Map([['eastus', configured]]) });
    expect(regionalEndpointOf(registry, 'eastus', undefined)).toEqual(configured);
  });

  it.each([undefined, '', 'localhost', 'a.b/c', 'user@host.io'])('is not known for %s', (loginServer) => {
    expect(regionalEndpointOf(registryOf(), 'eastus', loginServer)).toBeUndefined();
  });
});
