import type { JsonObject } from '../json.ts';
import { actionOf, type ToldChange } from './replica-content.ts';
import { type SystemData, writtenBy } from './system-data.ts';

/** A native webhook: it reports the changes in one replica. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  tags: Readonly<Record<string, string>> | undefined;
  serviceUri: string;
  customHeaders: Readonly<Record<string, string>>;
  status: 'enabled' | 'disabled';
  scope: string;
  actions: readonly string[];
  system: SystemData;
}

export const webhookType = 'Microsoft.ContainerRegistry/registries/webhooks';

export interface WebhookContent {
  readonly serviceUri: string;
  readonly customHeaders?: Readonly<Record<string, string>> | undefined;
  readonly status?: 'enabled' | 'disabled' | undefined;
  /** See {@link isFor}; everything by default. */
  readonly scope?: string | undefined;
  readonly actions: readonly string[];
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Makes the webhook of a replica, with what the body of a PUT may leave out. */
export function newWebhook(
  place: { readonly registryId: string; readonly name: string; readonly region: string },
  content: WebhookContent,
  written: { readonly by: string; readonly now: number; readonly before: SystemData | undefined },
): Webhook {
  const { name, region } = place;
  return {
    id: `${place.registryId}/webhooks/${name}`,
    name,
    region,
    tags: content.tags,
    serviceUri: content.serviceUri,
    customHeaders: content.customHeaders ?? {},
    status: content.status ?? 'enabled',
    scope: content.scope ?? '',
    actions: content.actions,
    system: writtenBy(written.by, written.now, written.before),
  };
}

/** The webhook as Resource Manager shows it, without the address and the headers: they may hold secrets. */
export const renderWebhook = (webhook: Webhook): JsonObject => ({
  id: webhook.id,
  name: webhook.name,
  type: webhookType,
  location: webhook.region,
  tags: webhook.tags ?? {},
  properties: {
    status: webhook.status,
    scope: webhook.scope,
    actions: webhook.actions,
    provisioningState: 'Succeeded',
  },
  systemData: webhook.system,
});

/**
 * Whether a webhook is for a change in a region. Its scope:
 *
 * | scope      | is for                       |
 * |------------|------------------------------|
 * | empty      | everything                   |
 * | `repo:*`   | the repository               |
 * | `repo:tag` | that tag                     |
 * | `repo`     | the tag `latest`             |
 *
 * A deletion or a push by digest has no tag, so that only the first two are for it.
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook
 */
export function isFor(webhook: Webhook, region: string, change: ToldChange): boolean {
  const { status, scope, actions } = webhook;
  if (status !== 'enabled' || webhook.region !== region || !actions.includes(actionOf(change))) return false;
  if (scope === '') return true;
  const [wantedRepository, wantedTag = 'latest'] = scope.split(':');
  return wantedRepository === change.repository && (wantedTag === '*' || wantedTag === change.tag);
}
