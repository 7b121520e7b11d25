import * as v from 'valibot';
import { resourceNotFound } from '../arm/arm-error.ts';
import type { ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { Clock } from '../clock.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { RegistryReport } from './report.ts';
import { parsed, type RegistryOf, registryPath, writerOf } from './requests.ts';
import { writtenBy } from './system-data.ts';
import { renderWebhook, type Webhook, webhookType } from './webhook.ts';

const texts = v.record(v.string(), v.string());
const action = v.picklist(['push', 'delete', 'quarantine', 'chart_push', 'chart_delete']);

const updateSchema = v.object({
  tags: v.optional(texts),
  properties: v.optional(
    v.object({
      serviceUri: v.optional(v.pipe(v.string(), v.url())),
      customHeaders: v.optional(texts),
      status: v.optional(v.picklist(['enabled', 'disabled'])),
      scope: v.optional(v.string()),
      actions: v.optional(v.array(action)),
    }),
    {},
  ),
});

const listPath = `${registryPath}/webhooks`;
const path = `${listPath}/{webhook}`;

export interface WebhookOperationsParts {
  readonly clock: Clock;
  readonly registryOf: RegistryOf;
  readonly behaviour: () => RegistryBehaviour;
  readonly report: RegistryReport;
}

/**
 * Native webhooks at Resource Manager. Writes are done with their answers, unlike the service's.
 * https://learn.microsoft.com/rest/api/containerregistry/webhooks
 */
export function webhookOperations(parts: WebhookOperationsParts): Operation[] {
  const { clock, registryOf, report } = parts;
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
  ];
}
