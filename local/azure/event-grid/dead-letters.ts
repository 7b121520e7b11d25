import { randomUUID } from 'node:crypto';
import type { EventSchema, GridEvent } from './event.ts';
import type { DeadLetterReason } from './retry-policy.ts';

/** An event that was given up, with why, in the schema of its subscription. */
export interface DeadLetter {
  readonly subscription: string;
  readonly letter: GridEvent;
}

/** Where dead letters are kept. */
export interface DeadLetterStore {
  /** @param path Container, then name of the blob. */
  write(path: string, json: string): Promise<void>;
}

export interface Failure {
  readonly reason: DeadLetterReason;
  readonly attempts: number;
  /** The name of the last outcome, such as `NotFound`, `TimedOut` or `Busy`. */
  readonly lastOutcome: string;
  readonly lastStatus: number | undefined;
  readonly publishedAt: number;
  readonly lastAttemptAt: number;
}

/**
 * The event with the properties that Event Grid adds. The word `NotRetriable` is the simulator's own.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry#dead-letter-events
 */
export function deadLetterOf(event: GridEvent, failure: Failure, schema: EventSchema): GridEvent {
  const added = {
    deadLetterReason: failure.reason,
    deliveryAttempts: failure.attempts,
    lastDeliveryOutcome: failure.lastOutcome,
    ...(failure.lastStatus === undefined ? {} : { lastHttpStatusCode: failure.lastStatus }),
    publishTime: new Date(failure.publishedAt).toISOString(),
    lastDeliveryAttemptTime: new Date(failure.lastAttemptAt).toISOString(),
  };
  // Attributes of CloudEvents are lower case.
  return schema === 'EventGridSchema'
    ? { ...event, ...added }
    : {
        ...event,
        ...Object.fromEntries(Object.entries(added).map(([key, value]) => [key.toLowerCase(), value])),
      };
}

/**
 * Container and name of the blob for a dead letter; months, days and hours have no leading zero.
 * https://learn.microsoft.com/azure/event-grid/manage-event-delivery
 */
export function deadLetterPath(container: string, subscription: string, now: number): string {
  const at = new Date(now);
  const date = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours()];
  return [container, subscription.toUpperCase(), ...date, `${randomUUID()}.json`].join('/');
}

/** Dead letters as blobs; their container comes into being with the first. */
export function blobDeadLetters(connectionString: string): DeadLetterStore {
  return {
    write: async (path, json) => {
      // Loaded by the first dead letter: most simulations see none, and the client is slow to load.
      const { BlobServiceClient } = await import('@azure/storage-blob');
      const [container = '', ...name] = path.split('/');
      const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container);
      await client.createIfNotExists();
      await client.getBlockBlobClient(name.join('/')).upload(json, Buffer.byteLength(json), {
        blobHTTPHeaders: { blobContentType: 'application/json' },
      });
    },
  };
}
