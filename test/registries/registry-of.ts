import type { RegistryResource } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Replica } from '../../src/registries/replica.ts';

/** A registry with the defaults of `REGISTRIES`. */
export const registryOf = (parts: Partial<Registry> = {}): Registry => ({
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/myregistry',
  name: 'myregistry',
  subscriptionId: 's',
  resourceGroup: 'rg',
  regions: 'all',
  replicationSloMs: 600_000,
  probe: true,
  probeImage: undefined,
  hosts: [],
  minimumRoutable: 2,
  endpoints: new Map(),
  policy: [],
  review: {},
  ...parts,
});

export const replicaOf = (region: string, parts: Partial<Replica> = {}): Replica => ({
  id: `${registryOf().id}/replications/${region}`,
  name: region,
  region,
  provisioningState: 'Succeeded',
  displayStatus: 'Ready',
  statusMessage: undefined,
  globalRouting: 'enabled',
  tags: {},
  lastModifiedBy: undefined,
  ...parts,
});

export const resourceOf = (parts: Partial<RegistryResource> = {}): RegistryResource => ({
  loginServer: 'myregistry.azurecr.io',
  location: 'eastus',
  roleAssignmentMode: 'registryPermissions',
  ...parts,
});
