import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { resourceNotFound } from '../arm/arm-error.ts';
import type { ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { Clock } from '../clock.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { registryTime } from './notices.ts';
import type { RegistryReport } from './report.ts';
import { checkName, parsed, type RegistryOf, registryPath, writerOf } from './requests.ts';
import { writtenBy } from './system-data.ts';
import { renderWebhook, type Webhook, webhookType } from './webhook.ts';
import { putWebhook } from './webhook-content.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

const texts = v.record(v.string(), v.string());
const serviceUri = v.pipe(v.string(), v.url());
const status = v.optional(v.picklist(['enabled', 'disabled']));
const actions = v.array(v.picklist(['push', 'delete', 'quarantine', 'chart_push', 'chart_delete']));

const createSchema = v.object({
  location: v.string(),
  tags: v.optional(texts),
  properties: v.object({
    ...{ serviceUri, status, actions },
    customHeaders: v.optional(texts),
    scope: v.optional(v.string()),
  }),
});

const updateSchema = v.object({
  tags: v.optional(texts),
  properties: v.optional(
    v.object({
      serviceUri: v.optional(serviceUri),
      customHeaders: v.optional(texts),
      status,
      scope: v.optional(v.string()),
      actions: v.optional(actions),
    }),
    {},
  ),
});

const listPath = `${registryPath}/webhooks`;
const path = `${listPath}/{webhook}`;

export interface WebhookOperationsParts {
  readonly clock: Clock;
  readonly deliveries: WebhookDeliveries;
  /** Of digits that mean nothing. */
  readonly noise: () => number;
  readonly registryOf: RegistryOf;
  readonly behaviour: () => RegistryBehaviour;
  readonly report: RegistryReport;
}

/**
 * Native webhooks at Resource Manager. Writes are done with their answers, unlike the service's.
 * https://learn.microsoft.com/rest/api/containerregistry/webhooks
 */
export function webhookOperations(parts: WebhookOperationsParts): Operation[] {
  const { clock, deliveries, registryOf, report } = parts;
  const find = (request: ArmRequest): Webhook | undefined =>
    registryOf(request).webhooks.get(request.param('webhook').toLowerCase());
  const get = (request: ArmRequest): Webhook => {
    const found = find(request);
    if (found !== undefined) return found;
    const name = `${request.param('registry')}/${request.param('webhook')}`;
    throw resourceNotFound(webhookType, name, request.param('resourceGroup'));
  };
  return [
    {
      name: 'Webhooks_Create',
      method: 'PUT',
      path,
      handle: (request) => {
        const [registry, name] = [registryOf(request), request.param('webhook')];
        checkName('webhook', name);
        const { location, tags, properties } = parsed(createSchema, request.body);
        const isNew = find(request) === undefined;
        const written = { by: writerOf(request), now: clock.now() };
        const webhook = putWebhook(registry, name, location, { ...properties, tags }, written);
        report(registry, request, webhookType, webhook.id);
        return { status: isNew ? 201 : 200, body: renderWebhook(webhook) };
      },
    },
    {
      name: 'Webhooks_Update',
      method: 'PATCH',
      path,
      handle: (request) => {
        const webhook = get(request);
        const { tags, properties } = parsed(updateSchema, request.body);
        const system = writtenBy(writerOf(request), clock.now(), webhook.system);
        Object.assign(webhook, properties, { tags: tags ?? webhook.tags, system });
        report(registryOf(request), request, webhookType, webhook.id);
        return { status: 200, body: renderWebhook(webhook) };
      },
    },
    {
      name: 'Webhooks_Get',
      method: 'GET',
      path,
      handle: (request) => ({ status: 200, body: renderWebhook(get(request)) }),
    },
    {
      name: 'Webhooks_List',
      method: 'GET',
      path: listPath,
      handle: (request) =>
        page(request, registryOf(request).webhooks, {
          limit: parts.behaviour().pageSize,
          render: renderWebhook,
        }),
    },
    {
      name: 'Webhooks_Delete',
      method: 'DELETE',
      path,
      handle: (request) => {
        const registry = registryOf(request);
        const webhook = find(request);
        if (webhook === undefined) return { status: 204 };
        registry.webhooks.delete(webhook.name.toLowerCase());
        report(registry, request, webhookType, webhook.id);
        return { status: 200 };
      },
    },
    {
      name: 'Webhooks_GetCallbackConfig',
      method: 'POST',
      path: `${path}/getCallbackConfig`,
      handle: (request) => {
        const { serviceUri, customHeaders } = get(request);
        return { status: 200, body: { serviceUri, customHeaders } };
      },
    },
    {
      name: 'Webhooks_Ping',
      method: 'POST',
      path: `${path}/ping`,
      handle: (request) => {
        const id = randomUUID();
        const timestamp = registryTime(clock.now(), parts.noise);
        deliveries.add(get(request), { id, timestamp, action: 'ping' });
        return { status: 200, body: { id } };
      },
    },
    {
      name: 'Webhooks_ListEvents',
      method: 'POST',
      path: `${path}/listEvents`,
      handle: (request) => ({ status: 200, body: { value: get(request).events } }),
    },
  ];
}
