import type { EventGrid } from './event-grid/event-grid.ts';
import { SubscriptionValidationError } from './event-grid/handshake.ts';

/** Events of registries about their images. */
const imageEvents = ['ImagePushed', 'ImageDeleted', 'ChartPushed', 'ChartDeleted'].map(
  (type) => `Microsoft.ContainerRegistry.${type}`,
);

/** The event that evenkeel publishes, and repairs on. */
const driftDetected = 'evenkeel.dns.driftDetected';

interface SubscribeAppOptions {
  /** Base URL of the Functions host. */
  readonly host: string;
  /** System key of the host, where it checks keys. */
  readonly key?: string | undefined;
  /** The custom topic that evenkeel publishes its signals to. */
  readonly topic: string;
  /** ARM ids of the registries whose events `receiveRegistryEvent` gets; none by default. */
  readonly registryEvents?: readonly string[] | undefined;
}

/**
 * Subscribes evenkeel's functions as a deployment does: `reconcileDns` and `trackIpDrift` to the changes of container
 * groups, `reconcileDns` also to the drift that evenkeel publishes, and `receiveRegistryEvent` to events of registries.
 * @throws SubscriptionValidationError when the host does not answer as it should, or not at all.
 */
export async function subscribeApp(
  eventGrid: EventGrid,
  { host, key, topic, registryEvents = [] }: SubscribeAppOptions,
): Promise<void> {
  await eventGrid.subscribeFunction(host, 'reconcileDns', { key });
  await eventGrid.subscribeFunction(host, 'trackIpDrift', { key });
  await eventGrid.subscribeFunction(host, 'reconcileDns', {
    key,
    topic,
    schema: 'CloudEventSchemaV1_0' as const,
    includedEventTypes: [driftDetected],
  });
  await subscribeRegistryEvents(eventGrid, { host, key }, registryEvents);
}

/**
 * Subscribes `receiveRegistryEvent` to the image events of registries.
 * @param ids ARM ids of the registries.
 * @throws SubscriptionValidationError when the host does not answer as it should, or not at all.
 */
export async function subscribeRegistryEvents(
  eventGrid: EventGrid,
  { host, key }: Pick<SubscribeAppOptions, 'host' | 'key'>,
  ids: readonly string[],
): Promise<void> {
  const functionName = 'receiveRegistryEvent';
  for (const id of ids) {
    await eventGrid.subscribe({
      // Names of registries have up to 50 characters, those of event subscriptions up to 64.
      name: `${functionName}-${id.split('/').at(-1)}`.slice(0, 64),
      url: host,
      functionName,
      key,
      scope: id,
      includedEventTypes: imageEvents,
    });
  }
}

/**
 * Tries until the host is up; a host that is not there yet is no error.
 * @param options.onRefusal Gets every failure that differs from the one before.
 * @param options.pause Waits between two attempts; its rejection ends the attempts.
 */
export async function keepSubscribing(
  attempt: () => Promise<void>,
  options: { readonly pause: () => Promise<void>; readonly onRefusal: (reason: string) => void },
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SubscriptionValidationError)) throw error;
      if (error.message !== told) options.onRefusal(error.message);
      told = error.message;
    }
    await options.pause();
  }
}
