import * as v from 'valibot';
import type { ActivitySink } from '../arm/activity.ts';
import { type ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import { parsedBody } from '../arm/request-body.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import { renderAvailability } from './availability.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { type Registries, type Registry, registryIdIn, registryType, renderRegistry } from './registry.ts';
import { type Replica, renderReplica, replicationType } from './replica.ts';
import type { Replications } from './replications.ts';
import { writtenBy } from './system-data.ts';
import { renderWebhook, type Webhook, webhookType } from './webhook.ts';

interface RegistryParts {
  readonly clock: Clock;
  readonly registries: Registries;
  readonly resourceGroups: ResourceGroups;
  readonly replications: Replications;
  readonly running: LongRunningOperations;
  readonly behaviour: () => RegistryBehaviour;
  readonly activity: ActivitySink;
}

const registriesPath = `/subscriptions/{subscriptionId}/providers/${registryType}`;
const registryPath = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${registryType}/{registry}`;
const replicationsPath = `${registryPath}/replications`;
const replicationPath = `${replicationsPath}/{replication}`;
const operationPath = `${replicationPath}/operationStatuses/{operationId}`;
const availabilityPath = `${registryPath}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`;
const webhooksPath = `${registryPath}/webhooks`;
const webhookPath = `${webhooksPath}/{webhook}`;
const callbackConfigPath = `${webhookPath}/getCallbackConfig`;

/**
 * Registries, replications and native webhooks at Resource Manager.
 * https://learn.microsoft.com/rest/api/containerregistry
 */
const table: readonly OperationRow<RegistryParts>[] = [
  { name: 'Registries_List', method: 'GET', path: registriesPath, handler: listRegistries },
  { name: 'Registries_Get', method: 'GET', path: registryPath, handler: getRegistry },
  {
    name: 'AvailabilityStatuses_GetByResource',
    method: 'GET',
    path: availabilityPath,
    handler: getAvailability,
  },
  { name: 'Replications_List', method: 'GET', path: replicationsPath, handler: listReplications },
  { name: 'Replications_Get', method: 'GET', path: replicationPath, handler: getReplication },
  { name: 'Replications_Update', method: 'PATCH', path: replicationPath, handler: updateReplication },
  { name: 'Replications_OperationStatus', method: 'GET', path: operationPath, handler: getOperationStatus },
  { name: 'Webhooks_List', method: 'GET', path: webhooksPath, handler: listWebhooks },
  { name: 'Webhooks_Update', method: 'PATCH', path: webhookPath, handler: updateWebhook },
  { name: 'Webhooks_Delete', method: 'DELETE', path: webhookPath, handler: deleteWebhook },
  {
    name: 'Webhooks_GetCallbackConfig',
    method: 'POST',
    path: callbackConfigPath,
    handler: getCallbackConfig,
  },
];

export const registryOperations = (parts: RegistryParts): Operation[] => operationsFrom(table, parts);

function getRegistry(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  return { status: 200, body: renderRegistry(registryOf(request, parts)) };
}

function listRegistries(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const inSubscription = `/subscriptions/${request.param('subscriptionId')}/`.toLowerCase();
  const listed = new SortedMap<Registry>();
  for (const registry of parts.registries.all) {
    const key = registry.id.toLowerCase();
    if (key.startsWith(inSubscription)) listed.set(key, registry);
  }
  return page(request, listed, { limit: parts.behaviour().pageSize, render: renderRegistry });
}

function getAvailability(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const { id, home, availability } = registryOf(request, parts);
  return { status: 200, body: renderAvailability(id, home, availability, parts.clock.now()) };
}

function listReplications(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const { replicas, staleList } = registryOf(request, parts);
  const now = parts.clock.now();
  const isHidden = (key: string) => replicas.get(key)?.hidings.isHidden('list', now) === true;
  const listed = new SortedMap<JsonObject>();
  for (const [key, replica] of replicas.entriesAfter()) {
    if (staleList === undefined && replica.hasReplication && !isHidden(key))
      listed.set(key, renderReplica(replica));
  }
  for (const [key, rendered] of staleList?.entriesAfter() ?? [])
    if (!isHidden(key)) listed.set(key, rendered);
  const limit = parts.behaviour().pageSize;
  const answer = page(request, listed, { limit, render: (rendered) => rendered });
  // A list is over with its last page.
  if (!Object.hasOwn(Object(answer.body), 'nextLink'))
    for (const { hidings } of replicas) hidings.use('list', now);
  return answer;
}

function getReplication(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const replica = replicaOf(request, parts);
  const now = parts.clock.now();
  if (!replica.hidings.isHidden('get', now)) return { status: 200, body: renderReplica(replica) };
  replica.hidings.use('get', now);
  throw replicationNotFound(request);
}

const replicationSchema = v.object({
  /** Replace the tags as a whole. */
  tags: v.optional(v.record(v.string(), v.string())),
  properties: v.optional(v.object({ regionEndpointEnabled: v.optional(v.boolean()) }), {}),
});

function updateReplication(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const replica = replicaOf(request, parts);
  const { tags, properties } = parsedBody(replicationSchema, request.body);
  const before = { tags: replica.tags, globalRouting: replica.globalRouting };
  const change = { tags, globalRouting: properties.regionEndpointEnabled };
  parts.replications.write(replica, change, writerOf(request));
  const operation = parts.replications.startUpdate(replica, () => Object.assign(replica, before));
  report(request, replicationType, replica.id, parts);
  const body = renderReplica(replica);
  if (operation === undefined) return { status: 200, body };
  const version = request.query.get('api-version') ?? '';
  const url = `${request.base}${replica.id}/operationStatuses/${operation}?api-version=${version}`;
  return { status: 201, body, headers: { 'Azure-AsyncOperation': url, 'Retry-After': '1' } };
}

function getOperationStatus(request: ArmRequest, { running }: RegistryParts): ArmAnswer {
  return running.status(request.param('operationId'));
}

function listWebhooks(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  return page(request, registryOf(request, parts).webhooks, {
    limit: parts.behaviour().pageSize,
    render: renderWebhook,
  });
}

const webhookSchema = v.object({
  tags: v.optional(v.record(v.string(), v.string())),
  properties: v.optional(
    v.object({
      serviceUri: v.optional(v.pipe(v.string(), v.url())),
      customHeaders: v.optional(v.record(v.string(), v.string())),
      status: v.optional(v.picklist(['enabled', 'disabled'])),
      scope: v.optional(v.string()),
      actions: v.optional(
        v.array(v.picklist(['push', 'delete', 'quarantine', 'chart_push', 'chart_delete'])),
      ),
    }),
    {},
  ),
});

/** Changes a webhook at once, unlike the service, where that is a long-running operation. */
function updateWebhook(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const webhook = webhookOf(request, parts);
  const { tags, properties } = parsedBody(webhookSchema, request.body);
  const system = writtenBy(writerOf(request), parts.clock.now(), webhook.system);
  Object.assign(webhook, properties, { tags: tags ?? webhook.tags, system });
  report(request, webhookType, webhook.id, parts);
  return { status: 200, body: renderWebhook(webhook) };
}

function deleteWebhook(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const webhook = findWebhook(request, parts);
  if (webhook === undefined) return { status: 204 };
  registryOf(request, parts).webhooks.delete(webhook.name.toLowerCase());
  report(request, webhookType, webhook.id, parts);
  return { status: 200 };
}

function getCallbackConfig(request: ArmRequest, parts: RegistryParts): ArmAnswer {
  const { serviceUri, customHeaders } = webhookOf(request, parts);
  return { status: 200, body: { serviceUri, customHeaders } };
}

function registryOf(request: ArmRequest, { registries, resourceGroups }: RegistryParts): Registry {
  const group = resourceGroups.of(request);
  const found = registries.find(registryIdIn(group, request.param('registry')));
  if (found !== undefined) return found;
  throw resourceNotFound(registryType, request.param('registry'), request.param('resourceGroup'));
}

function replicaOf(request: ArmRequest, parts: RegistryParts): Replica {
  const found = registryOf(request, parts).replicas.get(request.param('replication').toLowerCase());
  if (found?.hasReplication === true) return found;
  throw replicationNotFound(request);
}

function replicationNotFound(request: ArmRequest): ArmError {
  const name = `${request.param('registry')}/${request.param('replication')}`;
  return resourceNotFound(replicationType, name, request.param('resourceGroup'));
}

function webhookOf(request: ArmRequest, parts: RegistryParts): Webhook {
  const found = findWebhook(request, parts);
  if (found !== undefined) return found;
  const name = `${request.param('registry')}/${request.param('webhook')}`;
  throw resourceNotFound(webhookType, name, request.param('resourceGroup'));
}

function findWebhook(request: ArmRequest, parts: RegistryParts): Webhook | undefined {
  return registryOf(request, parts).webhooks.get(request.param('webhook').toLowerCase());
}

/** A write with this header is by whom it names. Azure knows no such header: it looks into the token. */
const writerHeader = 'x-evenkeel-as';

const writerOf = ({ headers }: ArmRequest): string => headers.get(writerHeader) ?? 'evenkeel';

function report(request: ArmRequest, resourceType: string, resourceId: string, parts: RegistryParts): void {
  const { subscriptionId, resourceGroup } = registryOf(request, parts);
  const verb = request.method === 'DELETE' ? 'delete' : 'write';
  parts.activity({
    verb,
    operationName: `${resourceType}/${verb}`,
    resourceId,
    subscriptionId,
    resourceGroup,
    httpMethod: request.method,
  });
}
