import type { TokenCredential } from '@azure/core-auth';
import { AzureKeyCredential, EventGridPublisherClient, type SendCloudEventInput } from '@azure/eventgrid';
import { inTime } from '../lib/async.ts';
import type { Endpoint } from '../settings/endpoint.ts';
import type { Signal, SignalPublisher } from '../signals/signal.ts';
import { SignalError } from '../signals/signal.ts';

/** Event Grid accepts up to 1 MB a call; evenkeel's own events stay below 2 KB each. */
const batchSize = 200;
/** The longest time that one call may take, its retry included. */
const callTimeoutMs = 6_000;

/**
 * Publishes signals to a custom topic that accepts CloudEvents.
 * https://learn.microsoft.com/azure/event-grid/post-to-custom-topic
 *
 * @param credential `undefined` on loopback http, where a fixed key that opens nothing is sent.
 */
export function signalTopic({ url }: Endpoint, credential: TokenCredential | undefined): SignalPublisher {
  const client = new EventGridPublisherClient(
    url,
    'CloudEvent',
    credential ?? new AzureKeyCredential('local'),
    {
      allowInsecureConnection: credential === undefined,
      // Invocations wait for this, and the sender of a webhook waits for them. Unpublished signals are published again.
      retryOptions: { maxRetries: 1, retryDelayInMs: 300 },
    },
  );
  return {
    async publish(signals: readonly Signal[]): Promise<void> {
      for (let from = 0; from < signals.length; from += batchSize) {
        const batch = signals.slice(from, from + batchSize).map(toCloudEvent);
        try {
          await inTime(callTimeoutMs, (abortSignal) => client.send(batch, { abortSignal }));
        } catch (error) {
          throw new SignalError(signals.length - from, { cause: error });
        }
      }
    },
  };
}

const toCloudEvent = ({ id, type, source, subject, data }: Signal): SendCloudEventInput<Signal['data']> => ({
  id,
  type,
  source,
  subject,
  data,
  time: new Date(),
});
