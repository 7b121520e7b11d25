import type { EventSchema } from './event.ts';
import type { EventFilter } from './filter.ts';
import type { RetryPolicy } from './retry-policy.ts';

export interface SubscriptionOptions extends EventFilter {
  /** Compared without case; subscribing again under the same name replaces the subscription. */
  readonly name: string;
  /** URL of the web hook, or with `functionName` the base URL of a Functions host. Loopback http is allowed. */
  readonly url: string;
  /** Delivers to this function, by the path that Event Grid uses at a function app. */
  readonly functionName?: string | undefined;
  /** System key `eventgrid_extension` of the host, where it checks keys. */
  readonly key?: string | undefined;
  /** The custom topic to listen to; by default the activity of Resource Manager. */
  readonly topic?: string | undefined;
  /**
   * ARM id of the subscription or resource group whose activity is delivered, by default all of it. The ARM id of a
   * container registry stands for the registry's own events.
   */
  readonly scope?: string | undefined;
  /** The name of a system topic of `scope`, where Resource Manager then shows the subscription. */
  readonly systemTopic?: string | undefined;
  /** ARM id of a function app: Resource Manager then shows its function as the destination instead of a web hook. */
  readonly functionAppId?: string | undefined;
  /** Whether events that are given up become blobs, where there is storage; true by default. */
  readonly deadLetters?: boolean | undefined;
  /** `EventGridSchema` by default. */
  readonly schema?: EventSchema | undefined;
  /** 1 to 30, by default 30. */
  readonly maxDeliveryAttempts?: number | undefined;
  /** 1 to 1440, by default 1440. */
  readonly ttlMinutes?: number | undefined;
  /**
   * Limits of a batch; by default every event is delivered alone. Batches take what is there: no event waits for
   * others.
   */
  readonly batch?: { readonly maxEvents: number; readonly preferredKilobytes: number } | undefined;
}

/** `activity`, `topic:` with a name, or the ARM id of a registry; in lower case. */
export type EventSource = string;

export const activitySource: EventSource = 'activity';
export const topicSource = (name: string): EventSource => `topic:${name}`.toLowerCase();
export const registrySource = (id: string): EventSource => id.toLowerCase();

export interface Subscription {
  readonly name: string;
  readonly url: string;
  /** The source of the events: Resource Manager, a custom topic or a registry. */
  readonly source: EventSource;
  readonly topic: string | undefined;
  readonly scope: string | undefined;
  readonly systemTopic: string | undefined;
  /** ARM id of the function that Resource Manager shows as the destination; `undefined` shows a web hook. */
  readonly functionId: string | undefined;
  readonly deadLetters: boolean;
  readonly schema: EventSchema;
  readonly filter: EventFilter;
  readonly retry: RetryPolicy;
  readonly batch: { readonly maxEvents: number; readonly preferredKilobytes: number } | undefined;
}

/** @throws RangeError for a value that Event Grid would refuse. */
export function subscriptionOf(options: SubscriptionOptions): Subscription {
  const { functionName, functionAppId, maxDeliveryAttempts = 30, ttlMinutes = 1440, batch } = options;
  if (!/^[a-zA-Z0-9-]{3,64}$/.test(options.name)) {
    throw new RangeError(`'${options.name}' is no name of an event subscription: 3 to 64 of a-z, 0-9 and -`);
  }
  checkRange('maxDeliveryAttempts', maxDeliveryAttempts, 30);
  checkRange('ttlMinutes', ttlMinutes, 1440);
  if (batch !== undefined) {
    checkRange('batch.maxEvents', batch.maxEvents, 5000);
    checkRange('batch.preferredKilobytes', batch.preferredKilobytes, 1024);
  }
  const scope = options.scope?.replace(/\/+$/, '');
  return {
    name: options.name,
    url: urlOf(options),
    source: sourceOf(options.topic, scope),
    topic: options.topic?.toLowerCase(),
    scope,
    systemTopic: options.systemTopic,
    functionId: functionAppId && functionName && `${functionAppId}/functions/${functionName}`,
    deadLetters: options.deadLetters ?? true,
    schema: options.schema ?? 'EventGridSchema',
    filter: options,
    retry: {
      endpointType: functionName === undefined ? 'WebHook' : 'AzureFunction',
      maxDeliveryAttempts,
      timeToLiveMs: ttlMinutes * 60_000,
    },
    batch,
  };
}

const registryPattern =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i;

function sourceOf(topic: string | undefined, scope: string | undefined): EventSource {
  if (topic !== undefined) return topicSource(topic);
  return scope !== undefined && registryPattern.test(scope) ? registrySource(scope) : activitySource;
}

function urlOf({ url, functionName, key }: SubscriptionOptions): string {
  if (functionName === undefined) return new URL(url).href;
  const target = new URL('/runtime/webhooks/EventGrid', url);
  target.searchParams.set('functionName', functionName);
  if (key !== undefined) target.searchParams.set('code', key);
  return target.href;
}

function checkRange(name: string, value: number, largest: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= largest) return;
  throw new RangeError(`${name} is ${value}; Event Grid takes whole numbers from 1 to ${largest}`);
}
