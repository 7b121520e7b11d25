import { sampleWebhookSecret } from '../sample.ts';
import type { RegistryControl } from './control.ts';

interface SubscribeWebhooksOptions {
  /** Base URL of the Functions host. */
  readonly host: string;
  /** The registry's name. */
  readonly registry: string;
  /** `REGISTRY_WEBHOOK_SECRET` of the host; the sample one by default. */
  readonly secret?: string | undefined;
  /** Function key of the host, where it checks keys. */
  readonly key?: string | undefined;
}

/**
 * Creates a native webhook for every replica of a registry, as a deployment does. The region travels in the URL,
 * because nothing in a webhook's body names it. Again after a replica was added, it creates what is missing.
 */
export function subscribeWebhooks(registries: RegistryControl, options: SubscribeWebhooksOptions): void {
  const { host, registry, secret = sampleWebhookSecret, key } = options;
  for (const { region } of registries.replicas(registry)) {
    const url = new URL('/api/registry-webhook', host);
    url.searchParams.set('region', region);
    if (key !== undefined) url.searchParams.set('code', key);
    registries.putWebhook(registry, `evenkeel${region}`, region, {
      serviceUri: url.href,
      customHeaders: { 'x-evenkeel-secret': secret },
      actions: ['push', 'delete', 'chart_push', 'chart_delete'],
    });
  }
}
