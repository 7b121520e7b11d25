import { sampleRegistry, sampleRegistryGroup, sampleSubscriptionId } from '../../../local/azure/sample.ts';
import type { Recording } from './exchange.ts';

export const registryId = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleRegistryGroup}/providers/Microsoft.ContainerRegistry/registries/${sampleRegistry.name}`;
const version = '?api-version=2022-02-01-preview';
const json = { 'content-type': 'application/json; charset=utf-8' };
const principal = 'ea0eddd2-3d60-47f8-b3bf-7ec8ae554d10';

const replication = (name: string, tags: object) => ({
  type: 'Microsoft.ContainerRegistry/registries/replications',
  id: `${registryId}/replications/${name}`,
  name,
  location: name,
  tags,
  systemData: {
    createdBy: principal,
    createdByType: 'Application',
    createdAt: '2022-08-17T03:06:22.8704105+00:00',
    lastModifiedBy: principal,
    lastModifiedByType: 'Application',
    lastModifiedAt: '2022-08-17T03:06:22.8704105+00:00',
  },
  properties: {
    provisioningState: 'Succeeded',
    status: { displayStatus: 'Ready', timestamp: '2022-08-17T03:06:35.5829448Z' },
    regionEndpointEnabled: true,
    zoneRedundancy: 'Disabled',
  },
});

/** Who wrote is a name in tests, where Azure has the id of a principal; there can be a message, as in the examples. */
const knownOf = (at: string) => [
  `${at}.systemData.createdBy: a text for a bare GUID`,
  `${at}.systemData.lastModifiedBy: a text for a bare GUID`,
  `more: ${at}.properties.status.message`,
];

/** Reads of a replica that is well. The list names the home region too. */
export const replicas: Recording = {
  source:
    'Azure/azure-sdk-for-net: sdk/containerregistry/Azure.ResourceManager.ContainerRegistry/tests/SessionRecords/ContainerRegistryTests/ContainerRegistryReplication().json, 2022',
  exchanges: [
    {
      what: 'a replica',
      request: { method: 'GET', path: `${registryId}/replications/westus${version}` },
      answer: { status: 200, headers: json, body: replication('westus', { key1: 'value1' }) },
      known: knownOf('body'),
    },
    {
      what: 'all replicas',
      request: { method: 'GET', path: `${registryId}/replications${version}` },
      answer: {
        status: 200,
        headers: json,
        body: {
          value: [replication('eastus', { key1: 'value1' }), replication('westus', { key1: 'value1' })],
        },
      },
      known: [...knownOf('body.value[0]'), ...knownOf('body.value[1]')],
    },
    {
      what: 'change of tags alone',
      request: {
        method: 'PATCH',
        path: `${registryId}/replications/westus${version}`,
        body: { tags: { key1: 'value2' }, properties: {} },
      },
      answer: { status: 200, headers: json, body: replication('westus', { key1: 'value2' }) },
      // As a change of the region's endpoint is answered, which is the only one that evenkeel makes.
      known: [...knownOf('body'), 'status 201 for 200'],
    },
  ],
};
