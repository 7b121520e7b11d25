import type { TokenCredential } from '@azure/core-auth';
import { AzureKeyCredential, EventGridPublisherClient, type SendCloudEventInput } from '@azure/eventgrid';
import { inTime } from '../lib/async.ts';
import type { Endpoint } from '../settings/endpoint.ts';
import type { Signal, SignalPublisher } from '../signals/signal.ts';
import { SignalError } from '../signals/signal.ts';
import { httpClient } from './http-client.ts';

const maxBatchEvents = 200;
/** Event Grid takes up to 1 MB at once. The rest is for what tracing adds to each event. */
const maxBatchBytes = 900_000;
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
      httpClient,
      // Invocations wait for this, and the sender of a webhook waits for them. Unpublished signals are published again.
      retryOptions: { maxRetries: 1, retryDelayInMs: 300 },
    },
  );
  return {
    async publish(signals: readonly Signal[]): Promise<void> {
      let left = signals.length;
      for (const batch of batchesOf(signals.map(toCloudEvent))) {
        try {
          await inTime(callTimeoutMs, (abortSignal) => client.send(batch, { abortSignal }));
        } catch (error) {
          throw new SignalError(left, { cause: error });
        }
        left -= batch.length;
      }
    },
  };
}

type SignalEvent = SendCloudEventInput<Signal['data']>;

const toCloudEvent = ({ id, type, source, subject, data }: Signal): SignalEvent => ({
  id,
  type,
  source,
  subject,
  data,
  time: new Date(),
});

/** Cuts events, in their order, into batches that Event Grid takes at once. One that is too large by itself goes alone. */
function* batchesOf(events: readonly SignalEvent[]): Generator<SignalEvent[]> {
  if (events.length === 1) return yield [...events];
  let batch: SignalEvent[] = [];
  // The brackets of the array.
  let bytes = 2;
  for (const event of events) {
    const added = bytesOf(event);
    if (batch.length > 0 && (batch.length >= maxBatchEvents || bytes + added > maxBatchBytes)) {
      yield batch;
      batch = [];
      bytes = 2;
    }
    batch.push(event);
    bytes += added;
  }
  if (batch.length > 0) yield batch;
}

/** With what the SDK adds, and the comma before the next event. */
const bytesOf = (event: SignalEvent): number =>
  Buffer.byteLength(JSON.stringify({ ...event, specversion: '1.0', datacontenttype: 'application/json' })) +
  1;
