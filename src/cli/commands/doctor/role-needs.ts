import roles from '../../../../infra/roles.json' with { type: 'json' };
import type { Config } from '../../../config.ts';
import { zoneId } from '../../../dns/record-set.ts';
import type { StorageConnection } from '../../../settings/storage-connection.ts';
import type { Place } from './places.ts';

/** What the app has to be allowed at one resource. */
export interface Need {
  readonly role: keyof typeof roles;
  /** ARM id. */
  readonly scope: string;
  readonly actions: readonly string[];
}

/** What the app has to be allowed with data, wherever that is. */
export interface DataNeed {
  readonly action: string;
  readonly builtInRole: string;
  readonly on: string;
}

/** The roles of the templates, which are as narrow as the jobs allow, at what the settings name. */
export function roleNeeds(config: Config, places: readonly Place[]): Need[] {
  const need = (role: keyof typeof roles, scope: string): Need => ({
    role,
    scope,
    actions: roles[role].actions,
  });
  const zones = places.flatMap(({ spoke }) => [spoke.forwardZone, ...spoke.reverseZones].map(zoneId));
  const registries = config.registries.ok ? config.registries.value.all : [];
  const mayRoute = config.routingMode.ok && config.routingMode.value === 'enforce';
  const all = [
    ...places.map(({ id }) => need('containerGroups', id)),
    ...zones.map((id) => need('recordSets', id)),
    ...registries.map(({ id }) => need('registries', id)),
    ...(mayRoute ? registries.map(({ id }) => need('globalRouting', id)) : []),
  ];
  return [...new Map(all.map((one) => [`${one.role} ${one.scope}`.toLowerCase(), one])).values()];
}

/** Only for what is reached by identity: a connection string needs no role. */
export function dataNeeds({ deferral, reports, state, signalTopic, logsIngestion }: Config): DataNeed[] {
  const storage = 'Microsoft.Storage/storageAccounts';
  const isIdentity = (named: Config['state']): boolean => {
    if (named === undefined || !named.connection.ok) return false;
    const connection: StorageConnection = named.connection.value;
    return connection.kind === 'identity' && !connection.endpoint.isInsecure;
  };
  const topic = signalTopic.ok ? signalTopic.value : undefined;
  const rule = logsIngestion.ok ? logsIngestion.value : undefined;
  const when = (isNeeded: boolean, action: string, builtInRole: string, on: string): DataNeed[] =>
    isNeeded ? [{ action, builtInRole, on }] : [];
  return [
    ...when(
      isIdentity(deferral),
      `${storage}/queueServices/queues/messages/write`,
      'Storage Queue Data Contributor',
      'the storage account',
    ),
    ...when(
      isIdentity(state),
      `${storage}/tableServices/tables/entities/write`,
      'Storage Table Data Contributor',
      'the storage account',
    ),
    ...when(
      isIdentity(reports),
      `${storage}/blobServices/containers/blobs/write`,
      'Storage Blob Data Owner',
      'the storage account',
    ),
    ...when(
      topic !== undefined && !topic.isInsecure,
      'Microsoft.EventGrid/events/send/action',
      'EventGrid Data Sender',
      'the custom topic',
    ),
    ...when(
      rule !== undefined && !rule.endpoint.isInsecure,
      'Microsoft.Insights/Telemetry/Write',
      'Monitoring Metrics Publisher',
      'the data collection rule',
    ),
  ];
}
