import roles from '../../infra/roles.json' with { type: 'json' };
import type { ArmAnswer } from '../../local/azure/arm/operation.ts';
import { isJsonObject } from '../../local/azure/json.ts';
import {
  sampleHub,
  sampleRegistry,
  sampleSubscriptionId,
  sampleWebhookSecret,
  sampleZoneMap,
} from '../../local/azure/sample.ts';
import { appId, eventTypes, groupId, type installForDoctor, principal } from './doctor-installation.ts';

type World = Awaited<ReturnType<typeof installForDoctor>>;
/** Breaks one thing, and returns how to repair it and what else the command line is told. */
export interface Broken {
  readonly repair?: () => unknown;
  readonly settings?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly clockAheadMs?: number;
}

const zone = 'spoke-a.internal.contoso.com';
/** What the sample's zones are linked to. */
const hubNetwork = `${groupId(sampleHub)}/providers/Microsoft.Network/virtualNetworks/vnet-hub`;
const { name: registry } = sampleRegistry;

function withRepositoryPermissions(answer: ArmAnswer): ArmAnswer {
  const { body } = answer;
  const properties = isJsonObject(body) ? body['properties'] : undefined;
  if (!isJsonObject(body) || !isJsonObject(properties)) return answer;
  const roleAssignmentMode = 'AbacRepositoryPermissions';
  return { ...answer, body: { ...body, properties: { ...properties, roleAssignmentMode } } };
}

/** What is broken, what the doctor has to find, and how it is broken. */
type BrokenSetUp = readonly [
  name: string,
  finding: string,
  breakIt: (world: World) => Broken | Promise<Broken>,
];

export const brokenSetUps: readonly BrokenSetUp[] = [
  [
    'a setting that is wrong',
    'settings: error: ROUTING_MODE: expected one of flag, enforce, found "on"',
    () => ({ settings: { ROUTING_MODE: 'on' } }),
  ],
  [
    'settings that are not those of the app',
    "settings: warning: DNS_ZONE_MAP here (rg-spoke-a) differs from the app's (rg-spoke-a, rg-spoke-b)",
    () => ({ settings: { DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-a': sampleZoneMap['rg-spoke-a'] }) } }),
  ],
  [
    'a resource group whose events reach nobody',
    `group-events: error: no events of ${groupId('rg-spoke-b')} reach reconcileDns of this app`,
    ({ azure, subscribeSpoke }) => {
      azure.eventGrid.unsubscribe('reconcile-b');
      return { repair: () => subscribeSpoke('b') };
    },
  ],
  [
    'events that reach another function',
    `group-events: error: no events of ${groupId('rg-spoke-a')} reach reconcileDns of this app`,
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('a', { functionName: 'trackIpDrift' });
      return { repair: () => subscribeSpoke('a') };
    },
  ],
  [
    'events that reach another app',
    `group-events: error: no events of ${groupId('rg-spoke-a')} reach reconcileDns of this app`,
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('a', { functionAppId: `${appId}-other` });
      return { repair: () => subscribeSpoke('a') };
    },
  ],
  [
    'event types that leave out restarts',
    `group-events: error: the filter of reconcile-a excludes events of ${groupId('rg-spoke-a')}: start/action, stop/action, restart/action`,
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('a', { includedEventTypes: eventTypes.slice(0, 2) });
      return { repair: () => subscribeSpoke('a') };
    },
  ],
  [
    'a filter for one container group only',
    `group-events: error: the filter of reconcile-b excludes events of ${groupId('rg-spoke-b')}: write, delete, start/action, stop/action, restart/action`,
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('b', { subjectEndsWith: '/containerGroups/web' });
      return { repair: () => subscribeSpoke('b') };
    },
  ],
  [
    'a filter that lets everything through',
    'group-events: warning: the filter of reconcile-a admits events that concern no container group',
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('a', { advancedFilters: undefined });
      return { repair: () => subscribeSpoke('a') };
    },
  ],
  [
    'events that are not kept when they cannot be delivered',
    'group-events: warning: the event subscription reconcile-a has no dead-letter destination',
    async ({ subscribeSpoke }) => {
      await subscribeSpoke('a', { deadLetters: false });
      return { repair: () => subscribeSpoke('a') };
    },
  ],
  [
    'a mapped resource group that is nowhere',
    'group-events: error: the resource group rg-spoke-b of DNS_ZONE_MAP was not found in any visible subscription',
    ({ azure, subscribeSpoke }) => {
      azure.eventGrid.unsubscribe('reconcile-b');
      azure.resourceGroups.delete(sampleSubscriptionId, 'rg-spoke-b');
      return {
        repair: () => {
          azure.resourceGroups.ensure(sampleSubscriptionId, 'rg-spoke-b');
          return subscribeSpoke('b');
        },
      };
    },
  ],
  [
    'findings of the audit that nobody repairs',
    'drift-events: error: no events of the topic /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-evenkeel/providers/Microsoft.EventGrid/topics/evenkeel reach reconcileDns of this app',
    ({ azure, subscribeDrift }) => {
      azure.eventGrid.unsubscribe('repair');
      return { repair: () => subscribeDrift() };
    },
  ],
  [
    'a topic that is not there',
    'signal-topic: error: the topic URL does not accept events: it answered 404',
    ({ azure }) => ({ settings: { SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint('nowhere') } }),
  ],
  [
    'a reverse zone that is not there',
    `zones: error: the zone 1.10.in-addr.arpa does not exist in ${sampleHub}`,
    ({ azure }) => {
      azure.zones.delete('1.10.in-addr.arpa');
      return { repair: () => azure.zones.create({ name: '1.10.in-addr.arpa' }) };
    },
  ],
  [
    'a zone that does not resolve where its container groups are',
    `zones: note: the zone ${zone} is not linked to ${hubNetwork.toLowerCase()}, in which container groups`,
    ({ azure }) => {
      azure.zones.delete(zone);
      azure.zones.create({
        name: zone,
        links: [`${groupId(sampleHub)}/providers/Microsoft.Network/virtualNetworks/other`],
      });
      // A group in the hub's network, which the other zones are linked to, without the events of a real one.
      const { remove } = azure.faults.add({
        match: 'ContainerGroups_ListByResourceGroup',
        kind: 'changedAnswer',
        change: (answer) => ({
          ...answer,
          body: {
            value: [
              {
                id: `${groupId('rg-spoke-a')}/providers/Microsoft.ContainerInstance/containerGroups/web`,
                name: 'web',
                properties: { subnetIds: [{ id: `${hubNetwork}/subnets/containers` }] },
              },
            ],
          },
        }),
      });
      return {
        repair: () => {
          remove();
          azure.zones.delete(zone);
          azure.zones.create({ name: zone });
        },
      };
    },
  ],
  [
    'a zone that no network resolves',
    `zones: error: the zone ${zone} is not linked to any virtual network`,
    ({ azure }) => {
      azure.zones.delete(zone);
      azure.zones.create({ name: zone, links: [] });
      return {
        repair: () => {
          azure.zones.delete(zone);
          azure.zones.create({ name: zone });
        },
      };
    },
  ],
  [
    'a replica without a webhook',
    `webhooks: error: no webhook of ${registry} in westus calls this app`,
    async ({ azure, webhooks }) => {
      await changeWebhook(azure.armEndpoint, 'westus', 'DELETE');
      return { repair: webhooks };
    },
  ],
  ...(
    [
      ['that is disabled', 'is disabled', { status: 'disabled' }],
      ['that names another region', 'names the region eastus in its URL', { serviceUri: 'REGION' }],
      ['that goes elsewhere', 'calls elsewhere.example', { serviceUri: 'HOST' }],
      ['without the secret', 'sends no header x-evenkeel-secret', { customHeaders: {} }],
      [
        'with another secret',
        'sends another secret in x-evenkeel-secret',
        { customHeaders: { 'x-evenkeel-secret': 'old' } },
      ],
      ['for one repository', 'is limited to team/app', { scope: 'team/app' }],
      ['that names another registry', 'names another registry in its URL: other', { serviceUri: 'REGISTRY' }],
      [
        'that sends no JSON',
        'sends the content type text/plain',
        { customHeaders: { 'x-evenkeel-secret': sampleWebhookSecret, 'content-type': 'text/plain' } },
      ],
      ['without deletions', 'does not report delete', { actions: ['push'] }],
    ] as const
  ).map(
    ([name, what, properties]): BrokenSetUp => [
      `a webhook ${name}`,
      `webhooks: error: the webhook evenkeelwestus of ${registry} in westus ${what}`,
      async ({ azure, host, webhooks }) => {
        const uris: Readonly<Record<string, string>> = {
          REGION: `${host.url}/api/registry-webhook?region=eastus`,
          REGISTRY: `${host.url}/api/registry-webhook?region=westus&registry=other`,
          HOST: 'https://elsewhere.example/api/registry-webhook?region=westus',
        };
        const uri = 'serviceUri' in properties ? { serviceUri: uris[properties.serviceUri] } : {};
        await changeWebhook(azure.armEndpoint, 'westus', 'PATCH', { ...properties, ...uri });
        return { repair: webhooks };
      },
    ],
  ),
  [
    'a registry whose events reach nobody',
    `registry-events: note: no events of the registry ${registry} reach receiveRegistryEvent of this app`,
    ({ azure, subscribeRegistry }) => {
      azure.eventGrid.unsubscribe('images');
      return { repair: subscribeRegistry };
    },
  ],
  [
    'a regional endpoint that is down',
    `regional-endpoints: error: the regional endpoint of ${registry} in westeurope is unhealthy: answered 503`,
    ({ azure }) => {
      azure.registries.degrade(registry, 'westeurope', { status: 503 });
      return { repair: () => azure.registries.restore(registry, 'westeurope') };
    },
  ],
  [
    'a role that is missing',
    `roles: error: the app lacks permission for Microsoft.ContainerInstance/containerGroups/read on ${groupId('rg-spoke-b')}`,
    ({ azure: { authorization } }) => {
      const one = authorization.all.find(({ scope }) => scope === groupId('rg-spoke-b'));
      if (one === undefined) throw new Error('there is no such assignment');
      authorization.unassign(one.id);
      const role = one.roleDefinitionId.split('/').at(-1) ?? '';
      return { repair: () => authorization.assign(principal, role, one.scope) };
    },
  ],
  [
    'a registry with repository permissions, and a role that it does not honour',
    `roles: error: the app lacks permission for ${['content', 'metadata'].map((data) => `Microsoft.ContainerRegistry/registries/repositories/${data}/read`).join(', ')} on /subscriptions/`,
    ({ azure: { authorization, faults, registries } }) => {
      const scope = registries.id(registry);
      const one = authorization.all.find((assignment) => assignment.scope === scope);
      if (one === undefined) throw new Error('there is no such assignment');
      authorization.unassign(one.id);
      const { registries: role } = roles;
      const old = authorization.define({ name: 'as before', actions: role.actions });
      const added = authorization.assign(principal, old, scope);
      const { remove } = faults.add({
        match: 'Registries_Get',
        kind: 'changedAnswer',
        change: withRepositoryPermissions,
      });
      return {
        repair: () => {
          remove();
          authorization.unassign(added);
          authorization.assign(principal, one.roleDefinitionId.split('/').at(-1) ?? '', scope);
        },
      };
    },
  ],
  [
    'an endpoint behind a firewall, without its address',
    `regional-endpoints: warning: the health of the regional endpoint of ${registry} in westus is unknown: answered 403: the firewall of the registry or its private endpoint keeps this app out`,
    ({ azure: { faults } }) => {
      const denied = { code: 'DENIED', message: "client with IP '203.0.113.7' is not allowed access." };
      const { remove } = faults.add({
        match: ({ id }) => id.includes('/registry-endpoints/') && id.includes('/westus/'),
        ...{ kind: 'status', status: 403, body: { errors: [denied] } },
      });
      return { repair: remove };
    },
  ],
  [
    'a role that allows too much',
    `roles: warning: the role Contributor allows more than the app needs: * on ${groupId(sampleHub)}`,
    ({ azure: { authorization } }) => {
      const contributor = authorization.define({ name: 'Contributor', actions: ['*'] });
      const id = authorization.assign(principal, contributor, groupId(sampleHub));
      return { repair: () => authorization.unassign(id) };
    },
  ],
  [
    'event subscriptions of a resource group that was taken out of the map',
    `leftovers: warning: the event subscription evenkeel-reconcile-old on ${groupId('rg-former').toLowerCase()} is left: no entry needs it`,
    async ({ azure, subscribeSpoke }) => {
      azure.resourceGroups.ensure(sampleSubscriptionId, 'rg-former');
      await subscribeSpoke('a', {
        ...{ name: 'evenkeel-reconcile-old', scope: groupId('rg-former'), systemTopic: 'evgt-former' },
      });
      return { repair: () => azure.eventGrid.unsubscribe('evenkeel-reconcile-old') };
    },
  ],
  [
    'webhooks of a registry that was taken out',
    `leftovers: warning: the registry webhook evenkeelwesteurope on ${groupId('rg-registry')}/providers/Microsoft.ContainerRegistry/registries/formerregistry is left: no entry needs it`,
    ({ azure, host }) => {
      azure.registries.create({ name: 'formerregistry', home: 'westeurope' });
      azure.registries.putWebhook('formerregistry', 'evenkeelwesteurope', 'westeurope', {
        ...{ serviceUri: `${host.url}/api/registry-webhook?region=westeurope`, actions: ['push'] },
      });
      return {
        repair: () => changeWebhook(azure.armEndpoint, 'westeurope', 'DELETE', undefined, 'formerregistry'),
      };
    },
  ],
  [
    'a role on a resource group that was taken out of the map',
    `leftovers: warning: the assignment of the role evenkeel old: container groups on ${groupId('rg-former')} is left: no entry needs it`,
    ({ azure: { authorization } }) => {
      const { actions } = roles.containerGroups;
      const role = authorization.define({ name: 'evenkeel old: container groups', actions });
      const id = authorization.assign(principal, role, groupId('rg-former'));
      return { repair: () => authorization.unassign(id) };
    },
  ],
  [
    'registries that may not be listed, which is not taken for none',
    `leftovers: warning: whether anything is left among the registry webhooks of /subscriptions/${sampleSubscriptionId} is not known: `,
    ({ azure: { faults } }) => {
      const { remove } = faults.add({
        ...{ match: 'Registries_List', kind: 'status', status: 403, code: 'AuthorizationFailed' },
      });
      return { repair: remove };
    },
  ],
  [
    'a sweep that never ran',
    'schedules: error: auditDns: no audit has finished yet',
    async ({ azure, run }) => {
      const { BlobServiceClient } = await import('@azure/storage-blob');
      const storage = BlobServiceClient.fromConnectionString(azure.storage?.connectionString ?? '');
      await storage.getContainerClient('evenkeel').getBlobClient('dns-audit.json').delete();
      return { repair: () => run('auditDns') };
    },
  ],
  ['a clock that is wrong', "clocks: warning: this machine's clock is ", () => ({ clockAheadMs: 300_000 })],
  [
    'storage that does not answer',
    'storage: error: AzureWebJobsStorage (queue, blob, table) cannot be reached: ',
    () => ({
      settings: {
        AzureWebJobsStorage:
          'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=Zm9v;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;',
      },
    }),
  ],
];

async function changeWebhook(
  arm: string,
  region: string,
  method: 'PATCH' | 'DELETE',
  properties?: unknown,
  ofRegistry = registry,
) {
  const id = `${groupId('rg-registry')}/providers/Microsoft.ContainerRegistry/registries/${ofRegistry}/webhooks/evenkeel${region}`;
  const headers = { 'content-type': 'application/json' };
  const body = properties === undefined ? null : JSON.stringify({ properties });
  const answer = await fetch(`${arm}${id}?api-version=2025-11-01`, { method, headers, body });
  if (!answer.ok) throw new Error(`the webhook cannot be changed: ${answer.status}`);
}
