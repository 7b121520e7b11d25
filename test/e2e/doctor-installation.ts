import type roles from '../../infra/roles.json';
import { containerGroupChanges } from '../../local/azure/event-grid/filter.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import {
  sampleHub,
  sampleNetwork,
  sampleRegistry,
  sampleSubscriptionId,
  sampleWebhookSecret,
  sampleZoneMap,
} from '../../local/azure/sample.ts';
import { deployedRoles } from '../infra/role-problems.ts';
import { install, never } from './installation.ts';

const subscription = `/subscriptions/${sampleSubscriptionId}`;
export const groupId = (name: string): string => `${subscription}/resourceGroups/${name}`;
export const principal = '11111111-1111-1111-1111-111111111111';
export const appId = `${groupId('rg-evenkeel')}/providers/Microsoft.Web/sites/func-evenkeel`;

export const eventTypes = ['Write', 'Delete', 'Action'].map(
  (verb) => `Microsoft.Resources.Resource${verb}Success`,
);
const imageEvents = ['ImagePushed', 'ImageDeleted', 'ChartPushed', 'ChartDeleted'].map(
  (type) => `Microsoft.ContainerRegistry.${type}`,
);

/** The built app with everything that the templates give it, in good order; a sweep and a review have run. */
export async function installForDoctor() {
  const settingsOf = ({ armEndpoint, registries, storage, topicEndpoint }: LocalAzure) => ({
    ARM_ENDPOINT: armEndpoint,
    DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
    AzureWebJobsStorage: storage?.connectionString ?? '',
    SIGNAL_TOPIC__topicEndpointUri: topicEndpoint('evenkeel'),
    REGISTRIES: JSON.stringify(registries.setting()),
    REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
    AUDIT_SCHEDULE: never,
    REVIEW_SCHEDULE: never,
  });
  const installation = await install({ azure: { storage: {} }, settings: settingsOf });
  const { azure, host, lines } = installation;
  const setUp = {
    /** One of a system topic to a function, as the templates have it, and one at the scope to a web hook. */
    subscribeSpoke: (spoke: 'a' | 'b', more: Readonly<Record<string, unknown>> = {}) =>
      azure.eventGrid.subscribe({
        ...{ name: `reconcile-${spoke}`, url: host.url, functionName: 'reconcileDns' },
        ...{ scope: groupId(`rg-spoke-${spoke}`), includedEventTypes: eventTypes },
        ...containerGroupChanges,
        ...(spoke === 'a' ? { systemTopic: 'evgt-spoke-a', functionAppId: appId } : {}),
        ...more,
      }),
    subscribeDrift: (more: Readonly<Record<string, unknown>> = {}) =>
      azure.eventGrid.subscribe({
        ...{ name: 'repair', url: host.url, functionName: 'reconcileDns', topic: 'evenkeel' },
        ...{ schema: 'CloudEventSchemaV1_0', includedEventTypes: ['evenkeel.dns.driftDetected'], ...more },
      }),
    subscribeRegistry: () =>
      azure.eventGrid.subscribe({
        ...{ name: 'images', url: host.url, functionName: 'receiveRegistryEvent' },
        ...{ scope: azure.registries.id(sampleRegistry.name), includedEventTypes: imageEvents },
      }),
    webhooks: () => subscribeWebhooks(azure.registries, { host: host.url, registry: sampleRegistry.name }),
    async run(timer: 'auditDns' | 'reviewReplicas') {
      const from = lines.length;
      const headers = { 'content-type': 'application/json' };
      await fetch(`${host.url}/admin/functions/${timer}`, { method: 'POST', headers, body: '{"input":""}' });
      await installation.line(`Executed 'Functions.${timer}'`, from);
    },
  };
  await setUp.subscribeSpoke('a');
  await setUp.subscribeSpoke('b');
  await setUp.subscribeDrift();
  await setUp.subscribeRegistry();
  setUp.webhooks();
  assignRoles(azure);
  await setUp.run('auditDns');
  await setUp.run('reviewReplicas');
  return { ...installation, ...setUp, settings: settingsOf(azure) };
}

function assignRoles({ authorization, registries }: LocalAzure): void {
  const ids = Object.fromEntries(
    Object.entries(deployedRoles).map(([key, { name, actions, dataActions = [] }]) => [
      key,
      authorization.define({ name, actions, dataActions }),
    ]),
  );
  const assign = (role: keyof typeof roles, scope: string) =>
    authorization.assign(principal, ids[role] ?? '', scope);
  for (const spoke of ['rg-spoke-a', 'rg-spoke-b']) assign('containerGroups', groupId(spoke));
  for (const { name } of sampleNetwork.zones) {
    assign('recordSets', `${groupId(sampleHub)}/providers/Microsoft.Network/privateDnsZones/${name}`);
  }
  assign('registries', registries.id(sampleRegistry.name));
}
