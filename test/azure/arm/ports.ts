import { parseContainerGroupId } from '../../../src/dns/container-group.ts';
import type { Deadline } from '../../../src/lib/deadline.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { adapters } from '../limited-calls/adapters.ts';

const group = parseContainerGroupId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups/web',
);
if (group === undefined) throw new Error('the id is one of a container group');

export const zone = { subscriptionId: 's', resourceGroup: 'rg', name: 'internal.contoso.com' };
export const aKey = { zone, type: 'A', name: 'web' } as const;
const zonePath =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/internal.contoso.com';
const registry = registryOf();

/** A port of Resource Manager that reads, as the tests call each of them. */
export interface ReadPort {
  readonly name: string;
  /** The path of what it reads. */
  readonly path: string;
  /** A resource as Azure would answer with it. */
  readonly resource: Readonly<Record<string, unknown>>;
  read(endpoint: string, deadline: Deadline): Promise<unknown>;
}

const access = (endpoint: string) => ({ endpoint, audience: 'unused', credential: undefined });

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

const groupResource = {
  id: group.key,
  name: 'web',
  location: 'westeurope',
  properties: { provisioningState: 'Succeeded', containers: [], osType: 'Linux' },
};
const recordSetResource = (type: 'A' | 'PTR') => ({
  id: `${zonePath}/${type}/web`,
  name: 'web',
  type: `Microsoft.Network/privateDnsZones/${type}`,
  etag: '7b5e4f1c-0000-0000-0000-000000000001',
  properties: {
    ...{ ttl: 60, fqdn: 'web.internal.contoso.com.', isAutoRegistered: false },
    ...(type === 'A' ? { aRecords: [] } : { ptrRecords: [] }),
  },
});
export const aRecordSet = recordSetResource('A');
const replicationResource = {
  id: `${registry.id}/replications/westus`,
  name: 'westus',
  location: 'westus',
  properties: { provisioningState: 'Succeeded' },
};
const topicResource = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventGrid/topics/signals',
  properties: { endpoint: 'https://signals.example' },
};

/** Those that list. */
export const listPorts: readonly ReadPort[] = [
  {
    name: 'the container groups of a subscription',
    path: '/subscriptions/s/providers/Microsoft.ContainerInstance/containerGroups',
    resource: groupResource,
    read: (endpoint, deadline) =>
      all(adapters.containerGroupAdapters(access(endpoint)).lister.list({ subscriptionId: 's' }, deadline)),
  },
  {
    name: 'the container groups of a resource group',
    path: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups',
    resource: groupResource,
    read: (endpoint, deadline) =>
      all(
        adapters
          .containerGroupAdapters(access(endpoint))
          .lister.list({ subscriptionId: 's', resourceGroup: 'rg' }, deadline),
      ),
  },
  {
    name: 'the A record sets of a zone',
    path: `${zonePath}/A`,
    resource: aRecordSet,
    read: (endpoint, deadline) =>
      all(adapters.recordSetAdapters(access(endpoint)).lister.list(zone, 'A', deadline)),
  },
  {
    name: 'the PTR record sets of a zone',
    path: `${zonePath}/PTR`,
    resource: recordSetResource('PTR'),
    read: (endpoint, deadline) =>
      all(adapters.recordSetAdapters(access(endpoint)).lister.list(zone, 'PTR', deadline)),
  },
  {
    name: 'the replications of a registry',
    path: `${registry.id}/replications`,
    resource: replicationResource,
    read: (endpoint, deadline) =>
      adapters.registryAdapters(access(endpoint)).reader.listReplicas(registry, deadline),
  },
  {
    name: 'the subscriptions',
    path: '/subscriptions',
    resource: { id: '/subscriptions/s', subscriptionId: 's' },
    read: (endpoint, deadline) => adapters.subscriptionLister(access(endpoint)).list(deadline),
  },
  {
    name: 'anything that doctor lists',
    path: '/subscriptions/s/providers/Microsoft.EventGrid/topics',
    resource: topicResource,
    read: (endpoint, deadline) =>
      adapters
        .armReader(access(endpoint))
        .list('/subscriptions/s/providers/Microsoft.EventGrid/topics', '2025-02-15', deadline),
  },
];

/** Those that read one resource. */
export const resourcePorts: readonly ReadPort[] = [
  {
    name: 'a container group',
    path: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups/web',
    resource: groupResource,
    read: (endpoint, deadline) =>
      adapters.containerGroupAdapters(access(endpoint)).reader.read(group, deadline),
  },
  {
    name: 'an A record set',
    path: `${zonePath}/A/web`,
    resource: aRecordSet,
    read: (endpoint, deadline) => adapters.recordSetAdapters(access(endpoint)).reader.read(aKey, deadline),
  },
  {
    name: 'a registry',
    path: registry.id,
    resource: {
      id: registry.id,
      location: 'eastus',
      sku: { name: 'Premium' },
      properties: { loginServer: 'myregistry.azurecr.io' },
    },
    read: (endpoint, deadline) => adapters.registryAdapters(access(endpoint)).reader.read(registry, deadline),
  },
  {
    name: 'a replication',
    path: `${registry.id}/replications/westus`,
    resource: replicationResource,
    read: (endpoint, deadline) =>
      adapters.registryAdapters(access(endpoint)).reader.readReplica(registry, 'westus', deadline),
  },
  {
    name: 'anything that doctor reads',
    path: topicResource.id,
    resource: topicResource,
    read: (endpoint, deadline) =>
      adapters.armReader(access(endpoint)).find(topicResource.id, '2025-02-15', deadline),
  },
];
