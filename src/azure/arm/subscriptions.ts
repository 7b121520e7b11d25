import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { SubscriptionLister } from '../../dns/ports.ts';
import { type ArmAccess, armClientOptions, credentialOf, pagesInTime, prepareClient } from './client.ts';
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
  prepareClient(client, access);
  return {
    async list(deadline) {
      const ids: string[] = [];
      try {
        const pages = pagesInTime(deadline, (abortSignal) => client.subscriptions.list({ abortSignal }));
        for await (const page of pages)
          ids.push(...page.flatMap(({ subscriptionId }) => subscriptionId ?? []));
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
