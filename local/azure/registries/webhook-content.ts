import { ArmError } from '../arm/arm-error.ts';
import { regionOf } from './region.ts';
import { type Registry, replicaIn } from './registry.ts';
import { writtenBy } from './system-data.ts';
import { type Webhook, webhookType } from './webhook.ts';

export interface WebhookContent {
  readonly serviceUri: string;
  readonly customHeaders?: Readonly<Record<string, string>> | undefined;
  readonly status?: 'enabled' | 'disabled' | undefined;
  /** See {@link isFor}; everything by default. */
  readonly scope?: string | undefined;
  readonly actions: readonly string[];
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/**
 * Creates a webhook, or replaces one.
 * @throws ArmError for a region without a replica.
 */
export function putWebhook(
  registry: Registry,
  name: string,
  location: string,
  content: WebhookContent,
  written: { readonly by: string; readonly now: number },
): Webhook {
  const region = regionOf(location);
  if (replicaIn(registry, region) === undefined) {
    throw new ArmError(
      400,
      'InvalidLocation',
      `The registry '${registry.name}' has no replica in '${location}'.`,
    );
  }
  const key = name.toLowerCase();
  const existing = registry.webhooks.get(key);
  const { tags, serviceUri, customHeaders = {}, status = 'enabled', scope = '', actions } = content;
  const webhook: Webhook = {
    id: `${registry.id}/${webhookType.split('/').at(-1)}/${name}`,
    ...{ name, region, tags, serviceUri, customHeaders, status, scope, actions },
    system: writtenBy(written.by, written.now, existing?.system),
  };
  registry.webhooks.set(key, webhook);
  return webhook;
}
