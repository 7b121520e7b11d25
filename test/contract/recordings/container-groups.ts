import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import type { Recording } from './exchange.ts';

const groups = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups`;
const version = '?api-version=2021-10-01';
export const groupName = 'recorded';
const json = { 'content-type': 'application/json; charset=utf-8' };

const container = { image: 'nginx', command: [], ports: [{ port: 80 }], environmentVariables: [] };
const resources = { resources: { requests: { memoryInGB: 1.5, cpu: 1 } } };
const group = {
  id: `${groups}/${groupName}`,
  name: groupName,
  type: 'Microsoft.ContainerInstance/containerGroups',
  location: 'eastus',
};
const properties = { sku: 'Standard', initContainers: [], restartPolicy: 'OnFailure', osType: 'Linux' };

/** The life of a group without an address. The recorded one also had a volume, an identity and a workspace. */
export const lifeOfAGroup: Recording = {
  source:
    'Azure/azure-sdk-for-js: sdk/containerinstance/arm-containerinstance/recordings/node/containerinstance_test/recording_containergroups_{create,list,delete}_test.json, 2022',
  exchanges: [
    {
      what: 'creation',
      request: {
        method: 'PUT',
        path: `${groups}/${groupName}${version}`,
        body: {
          location: 'eastus',
          properties: {
            containers: [{ name: 'web', properties: { ...container, ...resources } }],
            restartPolicy: 'OnFailure',
            osType: 'Linux',
          },
        },
      },
      answer: {
        status: 201,
        headers: {
          ...json,
          'azure-asyncoperation':
            'https://management.azure.com/subscriptions/x/providers/Microsoft.ContainerInstance/locations/eastus/operations/y',
        },
        body: {
          ...group,
          properties: {
            ...properties,
            provisioningState: 'Pending',
            containers: [{ name: 'web', properties: { ...container, ...resources } }],
            instanceView: { events: [], state: 'Pending' },
          },
        },
      },
    },
    {
      what: 'list of a resource group',
      request: { method: 'GET', path: `${groups}${version}` },
      answer: {
        status: 200,
        headers: json,
        body: {
          value: [
            {
              ...group,
              properties: {
                ...properties,
                provisioningState: 'Succeeded',
                containers: [{ name: 'web', properties: { ...container, ...resources } }],
              },
            },
          ],
        },
      },
    },
    {
      what: 'deletion',
      request: { method: 'DELETE', path: `${groups}/${groupName}${version}` },
      answer: {
        status: 200,
        headers: json,
        body: {
          ...group,
          properties: {
            ...properties,
            provisioningState: 'Succeeded',
            containers: [
              {
                name: 'web',
                properties: {
                  ...container,
                  ...resources,
                  instanceView: {
                    restartCount: 0,
                    currentState: {
                      state: 'Running',
                      startTime: '2022-07-11T08:34:12Z',
                      detailStatus: '',
                    },
                    events: [],
                  },
                },
              },
            ],
            instanceView: { events: [], state: 'Running' },
          },
        },
      },
    },
    {
      what: 'list after the deletion',
      request: { method: 'GET', path: `${groups}${version}` },
      answer: { status: 200, headers: json, body: { value: [] } },
    },
  ],
};
