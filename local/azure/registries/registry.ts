import type { JsonObject } from '../json.ts';
import type { SortedMap } from '../sorted-map.ts';
import type { Change } from './change.ts';
import type { Replica } from './replica.ts';
import type { SystemData } from './system-data.ts';
import type { Webhook } from './webhook.ts';

export const registryType = 'Microsoft.ContainerRegistry/registries';

/** A container registry with its replicas, of which its home region holds one. */
export interface Registry {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly home: string;
  readonly createdAt: number;
  readonly system: SystemData;
  /** By the names of the replications, in lower case. */
  readonly replicas: SortedMap<Replica>;
  readonly webhooks: SortedMap<Webhook>;
  /** What was pushed and not deleted: by `repository@digest`, then by tag, the latest push of each. */
  readonly pushes: Map<string, Map<string | undefined, Change>>;
  /** What the list of replications shows instead of the truth. */
  staleList: SortedMap<JsonObject> | undefined;
}

export const loginServerOf = (name: string): string => `${name.toLowerCase()}.azurecr.io`;

export function replicaIn(registry: Registry, region: string): Replica | undefined {
  for (const replica of registry.replicas) if (replica.region === region) return replica;
  return undefined;
}

/** https://learn.microsoft.com/rest/api/containerregistry/registries/get */
export const renderRegistry = (registry: Registry): JsonObject => ({
  id: registry.id,
  name: registry.name,
  type: registryType,
  location: registry.home,
  tags: {},
  sku: { name: 'Premium', tier: 'Premium' },
  properties: {
    adminUserEnabled: false,
    policies: {},
    encryption: { status: 'disabled' },
    dataEndpointEnabled: false,
    dataEndpointHostNames: [],
    privateEndpointConnections: [],
    publicNetworkAccess: 'Enabled',
    networkRuleBypassOptions: 'AzureServices',
    zoneRedundancy: 'Disabled',
    anonymousPullEnabled: false,
    loginServer: loginServerOf(registry.name),
    creationDate: new Date(registry.createdAt).toISOString(),
    provisioningState: 'Succeeded',
    status: null,
  },
  systemData: registry.system,
});
