import roles from '../../../../infra/roles.json' with { type: 'json' };
import type { Config } from '../../../config.ts';
import { zoneId } from '../../../dns/record-set.ts';
import type { Registry } from '../../../registries/registry.ts';
import type { RoleAssignmentMode } from '../../../registries/role-assignment-mode.ts';
import { type NamedConnection, needsCredential } from '../../../settings/storage-connection.ts';
import type { Place } from './places.ts';

/** Permissions that the app needs at one resource. */
export interface Need {
  readonly role: keyof typeof roles;
  /** ARM id. */
  readonly scope: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** A permission for data that the app needs, at an unknown scope. */
export interface DataNeed {
  readonly action: string;
  readonly builtInRole: string;
  /** What holds the data, for people. */
  readonly resource: string;
}

/** What a pull takes of a registry that does not know permissions for repositories. */
const pullAction = 'Microsoft.ContainerRegistry/registries/pull/read';

/** What explains a flag where it may be read; nothing is missing without it. */
const optionalAction = 'Microsoft.ResourceHealth/availabilityStatuses/read';

/**
 * The roles of the templates, which allow exactly what the jobs need, at the resources that the settings name. A
 * registry honours either the action or the data actions for a pull.
 * @param modes by registry
 */
export function roleNeeds(
  config: Config,
  places: readonly Place[],
  modes: ReadonlyMap<Registry, RoleAssignmentMode>,
): Need[] {
  const need = (role: keyof typeof roles, scope: string): Need => ({
    role,
    scope,
    actions: roles[role].actions,
    dataActions: [],
  });
  const ofRegistry = (registry: Registry): Need => {
    const { dataActions } = roles.registries;
    const actions = roles.registries.actions.filter((action) => action !== optionalAction);
    const base = { ...need('registries', registry.id), actions };
    return modes.get(registry) === 'repositoryPermissions'
      ? { ...base, actions: actions.filter((action) => action !== pullAction), dataActions }
      : base;
  };
  const zones = places.flatMap(({ spoke }) => [spoke.forwardZone, ...spoke.reverseZones].map(zoneId));
  const registries = config.registries.ok ? config.registries.value.all : [];
  const isEnforcing = config.routingMode.ok && config.routingMode.value === 'enforce';
  const needs = [
    ...places.map(({ id }) => need('containerGroups', id)),
    ...zones.map((id) => need('recordSets', id)),
    ...registries.map(ofRegistry),
    ...(isEnforcing ? registries.map(({ id }) => need('globalRouting', id)) : []),
  ];
  return [...new Map(needs.map((one) => [`${one.role} ${one.scope}`.toLowerCase(), one])).values()];
}

const queueNeed: DataNeed = {
  action: 'Microsoft.Storage/storageAccounts/queueServices/queues/messages/write',
  builtInRole: 'Storage Queue Data Contributor',
  resource: 'the storage account',
};
const tableNeed: DataNeed = {
  action: 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write',
  builtInRole: 'Storage Table Data Contributor',
  resource: 'the storage account',
};
const blobNeed: DataNeed = {
  action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write',
  builtInRole: 'Storage Blob Data Owner',
  resource: 'the storage account',
};
const topicNeed: DataNeed = {
  action: 'Microsoft.EventGrid/events/send/action',
  builtInRole: 'EventGrid Data Sender',
  resource: 'the custom topic',
};
const logsNeed: DataNeed = {
  action: 'Microsoft.Insights/Telemetry/Write',
  builtInRole: 'Monitoring Metrics Publisher',
  resource: 'the data collection rule',
};

/** Only for resources that the app accesses with its identity: a connection string needs no role. */
export function dataNeeds({ deferral, reports, state, signalTopic, logsIngestion }: Config): DataNeed[] {
  const topic = signalTopic.ok ? signalTopic.value : undefined;
  const rule = logsIngestion.ok ? logsIngestion.value : undefined;
  const needs: DataNeed[] = [];
  if (usesIdentity(deferral)) needs.push(queueNeed);
  if (usesIdentity(state)) needs.push(tableNeed);
  if (usesIdentity(reports)) needs.push(blobNeed);
  if (topic !== undefined && !topic.isInsecure) needs.push(topicNeed);
  if (rule !== undefined && !rule.endpoint.isInsecure) needs.push(logsNeed);
  return needs;
}

const usesIdentity = (named: NamedConnection | undefined): boolean =>
  named?.connection.ok === true && needsCredential(named.connection.value);
