import { activitySource, type Subscription } from './subscription.ts';

const provider = 'providers/Microsoft.EventGrid';

/** The custom topic that a scope is; undefined for anything else. */
const topicIn = (scope: string): string | undefined =>
  /\/providers\/Microsoft\.EventGrid\/topics\/([^/]+)$/i.exec(scope)?.[1];

/**
 * Whether Resource Manager shows an event subscription at a scope. One to everything shows at every subscription of
 * Azure.
 */
export function isAt(subscription: Subscription, scope: string): boolean {
  const topic = topicIn(scope)?.toLowerCase();
  if (topic !== undefined) return subscription.topic === topic;
  const systemTopic = systemTopicOf(subscription);
  if (systemTopic !== undefined) return systemTopic.id.toLowerCase() === scope.toLowerCase();
  if (subscription.scope === undefined) {
    return subscription.source === activitySource && /^\/subscriptions\/[^/]+$/i.test(scope);
  }
  return subscription.scope.toLowerCase() === scope.toLowerCase();
}

/** A system topic as Resource Manager shows it, in the resource group of its source. */
function systemTopicOf({ scope, systemTopic }: Subscription) {
  if (scope === undefined || systemTopic === undefined) return undefined;
  const group = scope.split('/').slice(0, 5).join('/');
  return {
    id: `${group}/${provider}/systemTopics/${systemTopic}`,
    name: systemTopic,
    type: 'Microsoft.EventGrid/systemTopics',
    location: 'global',
    properties: { provisioningState: 'Succeeded', source: scope },
  };
}

/** The system topics that subscriptions name, once each. */
export const systemTopicsOf = (subscriptions: readonly Subscription[]) => [
  ...new Map(
    subscriptions.flatMap((subscription) => {
      const topic = systemTopicOf(subscription);
      return topic === undefined ? [] : [[topic.id.toLowerCase(), topic] as const];
    }),
  ).values(),
];

/** The subscription as Resource Manager shows it: of the URL only its base, because the rest may hold a key. */
export function renderSubscription(
  subscription: Subscription,
  scope: string,
  { deadLetterContainer }: { readonly deadLetterContainer: string },
): unknown {
  const { name, filter, schema, retry } = subscription;
  const { includedEventTypes, subjectBeginsWith = '', subjectEndsWith = '', advancedFilters } = filter;
  const isOfSystemTopic = subscription.systemTopic !== undefined;
  return {
    id: `${scope}/${isOfSystemTopic ? '' : `${provider}/`}eventSubscriptions/${name}`,
    name,
    type: `Microsoft.EventGrid/${isOfSystemTopic ? 'systemTopics/' : ''}eventSubscriptions`,
    properties: {
      topic: scope,
      provisioningState: 'Succeeded',
      destination: destinationOf(subscription),
      filter: { includedEventTypes, subjectBeginsWith, subjectEndsWith, advancedFilters },
      eventDeliverySchema: schema,
      retryPolicy: {
        maxDeliveryAttempts: retry.maxDeliveryAttempts,
        eventTimeToLiveInMinutes: retry.timeToLiveMs / 60_000,
      },
      ...(subscription.deadLetters ? { deadLetterDestination: deadLettersIn(deadLetterContainer) } : {}),
    },
  };
}

function destinationOf({ url, functionId, batch }: Subscription): unknown {
  const batching = {
    maxEventsPerBatch: batch?.maxEvents ?? 1,
    preferredBatchSizeInKilobytes: batch?.preferredKilobytes ?? 64,
  };
  return functionId === undefined
    ? { endpointType: 'WebHook', properties: { endpointBaseUrl: url.split('?')[0], ...batching } }
    : { endpointType: 'AzureFunction', properties: { resourceId: functionId, ...batching } };
}

const deadLettersIn = (blobContainerName: string) => ({
  endpointType: 'StorageBlob',
  properties: {
    resourceId:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-evenkeel/providers/Microsoft.Storage/storageAccounts/devstoreaccount1',
    blobContainerName,
  },
});
