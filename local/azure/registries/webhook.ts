import type { JsonObject } from '../json.ts';
import type { WebhookAction } from './change.ts';
import type { SystemData } from './system-data.ts';

/** A native webhook: it tells of what happens in one replica. */
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

/** Where it goes to and with which headers is not part of it: they may hold secrets. */
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

/** What happened in a replica, as far as webhooks are chosen by it. */
export interface Happening {
  readonly region: string;
  readonly action: WebhookAction;
  readonly repository: string;
  readonly tag: string | undefined;
}

/**
 * Whether a webhook is for something that happened. Its scope:
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
export function isFor(webhook: Webhook, { region, action, repository, tag }: Happening): boolean {
  if (webhook.status !== 'enabled' || webhook.region !== region || !webhook.actions.includes(action))
    return false;
  if (webhook.scope === '') return true;
  const [wantedRepository, wantedTag = 'latest'] = webhook.scope.split(':');
  return wantedRepository === repository && (wantedTag === '*' || wantedTag === tag);
}
