import type { ResourceGroup } from '../arm/resource-groups.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import { defaultAccess, type RegistryAccess } from './access.ts';
import { type Availability, available } from './availability.ts';
import type { Manifest } from './manifest.ts';
import type { Replica } from './replica.ts';
import type { Change } from './replica-content.ts';
import { type SystemData, writtenBy } from './system-data.ts';
import type { Webhook } from './webhook.ts';

export const registryType = 'Microsoft.ContainerRegistry/registries';

/** A container registry with its replicas; one of them is in its home region. */
export interface Registry {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** In lower case, such as `myregistry.azurecr.io`, or `myregistry-a1b2c3d4.azurecr.io` with the hash of a label. */
  readonly loginServer: string;
  readonly home: string;
  readonly createdAt: number;
  readonly system: SystemData;
  /** Replicas by the names of their replications, in lower case. */
  readonly replicas: SortedMap<Replica>;
  readonly webhooks: SortedMap<Webhook>;
  /** The latest pushes of what is not deleted: by `repository@digest`, then by tag. */
  readonly pushes: Map<string, Map<string | undefined, Change>>;
  /** What was ever pushed, by `repository@digest`, so that it can be pushed again after its deletion. */
  readonly manifests: Map<string, Manifest>;
  access: RegistryAccess;
  /** What Azure Resource Health says of it. */
  availability: Availability;
  /** What the list of replications shows instead of the truth. */
  staleList: SortedMap<JsonObject> | undefined;
}

/** The first label of a registry's login server, which no other registry has. */
export const labelOf = ({ loginServer }: Pick<Registry, 'loginServer'>): string =>
  loginServer.slice(0, loginServer.indexOf('.'));

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
    loginServer: registry.loginServer,
    roleAssignmentMode: registry.access.mode,
    creationDate: new Date(registry.createdAt).toISOString(),
    provisioningState: 'Succeeded',
    status: null,
  },
  systemData: registry.system,
});

interface NewRegistry {
  readonly owner: ResourceGroup;
  readonly name: string;
  /**
   * The hash in the login server of a registry with a domain name label scope.
   * https://learn.microsoft.com/azure/container-registry/container-registry-get-started-azure-cli
   */
  readonly labelHash: string | undefined;
  readonly home: string;
  readonly by: string;
  readonly now: number;
}

/** All registries. A login server is unique in all of Azure; a name is so only without the hash of a label. */
export class Registries {
  /** By name and id, so that lists are in the order of names. */
  private readonly byKey = new SortedMap<Registry>();
  private readonly byLabel = new Map<string, Registry>();

  /**
   * @param reference A name, a login server, the first label of one, or an ARM id, in any casing.
   * @throws RangeError for a name of several registries.
   */
  find(reference: string): Registry | undefined {
    const wanted = reference.toLowerCase();
    const isMeant = ({ id, name, loginServer }: Registry) =>
      [id, name].some((one) => one.toLowerCase() === wanted) || loginServer === wanted;
    const meant = [...this.byKey].filter(isMeant);
    if (meant.length > 1) throw new RangeError(`several registries have the name ${reference}`);
    return meant[0] ?? this.labelled(wanted);
  }

  /** @param label The first label of a login server, in any casing. */
  labelled(label: string): Registry | undefined {
    return this.byLabel.get(label.toLowerCase());
  }

  get all(): Iterable<Registry> {
    return this.byKey;
  }

  /** The registries in `/subscriptions/S/resourceGroups/RG`, in order of their names. */
  within(group: ResourceGroup): Registry[] {
    const prefix = registryIdIn(group, '').toLowerCase();
    return [...this.byKey].filter(({ id }) => id.toLowerCase().startsWith(prefix));
  }

  /**
   * Adds a registry without replicas.
   * @throws RangeError for a name that Azure refuses, or a login server that another registry has.
   */
  add({ owner, name, labelHash, home, by, now }: NewRegistry): Registry {
    if (!/^[a-z0-9]{5,50}$/i.test(name)) throw new RangeError(`${name} is no name of a registry`);
    if (labelHash !== undefined && !/^[a-z0-9]+$/.test(labelHash)) {
      throw new RangeError(`${labelHash} is no hash of a label`);
    }
    const label = `${name.toLowerCase()}${labelHash === undefined ? '' : `-${labelHash}`}`;
    const loginServer = `${label}.azurecr.io`;
    if (this.byLabel.has(label)) throw new RangeError(`another registry has the login server ${loginServer}`);
    const registry: Registry = {
      id: registryIdIn(owner, name),
      subscriptionId: owner.subscriptionId,
      resourceGroup: owner.name,
      name,
      loginServer,
      home,
      createdAt: now,
      system: writtenBy(by, now),
      replicas: new SortedMap(),
      webhooks: new SortedMap(),
      pushes: new Map(),
      manifests: new Map(),
      access: defaultAccess,
      availability: available,
      staleList: undefined,
    };
    this.byKey.set(keyOf(registry), registry);
    this.byLabel.set(label, registry);
    return registry;
  }

  delete(registry: Registry): void {
    this.byKey.delete(keyOf(registry));
    this.byLabel.delete(labelOf(registry));
    // What is still on its way to a replica finds it gone.
    for (const { name } of [...registry.replicas]) registry.replicas.delete(name.toLowerCase());
  }
}

/** The ARM id of a registry in a resource group. */
export const registryIdIn = ({ subscriptionId, name: group }: ResourceGroup, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${registryType}/${name}`;

const keyOf = ({ id, name }: Registry): string => `${name} ${id}`.toLowerCase();
