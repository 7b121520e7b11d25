import type { ResourceGroup } from '../arm/resource-groups.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import type { Replica } from './replica.ts';
import type { Change } from './replica-content.ts';
import { type SystemData, writtenBy } from './system-data.ts';
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
  /** Replicas by the names of their replications, in lower case. */
  readonly replicas: SortedMap<Replica>;
  readonly webhooks: SortedMap<Webhook>;
  /** The latest pushes of what is not deleted: by `repository@digest`, then by tag. */
  readonly pushes: Map<string, Map<string | undefined, Change>>;
  /** What the list of replications shows instead of the truth. */
  staleList: SortedMap<JsonObject> | undefined;
}

export const loginServerOf = (name: string): string => `${name.toLowerCase()}.azurecr.io`;

/** The short name of a region in lower case: "West US" and "westus" are one. */
export const regionOf = (location: string): string => location.replace(/\s+/g, '').toLowerCase();

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

/** All registries. Their names are unique in all of Azure, because they are host names. */
export class Registries {
  private readonly byName = new SortedMap<Registry>();
  private readonly byScope = new Map<string, SortedMap<Registry>>();

  named(name: string): Registry | undefined {
    return this.byName.get(name.toLowerCase());
  }

  get all(): Iterable<Registry> {
    return this.byName;
  }

  /** The registries of `/subscriptions/S` or `/subscriptions/S/resourceGroups/RG`, in order of their names. */
  within(scope: string): SortedMap<Registry> | undefined {
    return this.byScope.get(scope.toLowerCase());
  }

  /** Adds a registry without replicas; the name must be free. */
  add(owner: ResourceGroup, name: string, home: string, by: string, now: number): Registry {
    const { subscriptionId, name: resourceGroup } = owner;
    const registry: Registry = {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${registryType}/${name}`,
      subscriptionId,
      resourceGroup,
      name,
      home,
      createdAt: now,
      system: writtenBy(by, now),
      replicas: new SortedMap(),
      webhooks: new SortedMap(),
      pushes: new Map(),
      staleList: undefined,
    };
    const key = name.toLowerCase();
    this.byName.set(key, registry);
    for (const scope of scopesOf(registry)) {
      const registries = this.byScope.get(scope) ?? new SortedMap<Registry>();
      registries.set(key, registry);
      this.byScope.set(scope, registries);
    }
    return registry;
  }

  delete(registry: Registry): void {
    const key = registry.name.toLowerCase();
    this.byName.delete(key);
    for (const scope of scopesOf(registry)) this.byScope.get(scope)?.delete(key);
    // What is still on its way to a replica finds it gone.
    for (const { name } of [...registry.replicas]) registry.replicas.delete(name.toLowerCase());
  }
}

function scopesOf({ subscriptionId, resourceGroup }: Registry): string[] {
  const subscription = `/subscriptions/${subscriptionId}`.toLowerCase();
  return [subscription, `${subscription}/resourcegroups/${resourceGroup.toLowerCase()}`];
}
