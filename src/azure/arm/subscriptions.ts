import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { SubscriptionLister } from '../../dns/ports.ts';
import { type ArmAccess, adaptPipeline, armClientOptions, credentialOf } from './client.ts';
import { toCallError } from './errors.ts';

/**
 * Lists the subscriptions that the identity can see.
 * https://learn.microsoft.com/rest/api/resources/subscriptions/list
 */
export function subscriptionLister(access: ArmAccess): SubscriptionLister {
  const client = new SubscriptionClient(credentialOf(access), {
    ...armClientOptions(access),
    credentials: { scopes: [access.audience] },
  });
  adaptPipeline(client, access);
  return {
    async list(deadline) {
      const ids: string[] = [];
      try {
        for await (const { subscriptionId } of client.subscriptions.list({ abortSignal: deadline.signal })) {
          if (subscriptionId !== undefined) ids.push(subscriptionId);
        }
      } catch (error) {
        throw toCallError(error, {
          operation: 'list subscriptions',
          scope: '/subscriptions',
          role: 'Reader',
        });
      }
      return ids;
    },
  };
}
