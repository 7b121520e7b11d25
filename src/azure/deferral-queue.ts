import type { TokenCredential } from '@azure/core-auth';
import { AnonymousCredential, QueueServiceClient } from '@azure/storage-queue';
import { type Deferral, encodeDeferral, queueName } from '../dns/deferral.ts';
import { DeferralError } from '../dns/errors.ts';
import type { Deferrals } from '../dns/ports.ts';
import type { StorageConnection } from '../storage-setting.ts';
import { refusalOf } from './failure.ts';

/** A queue hands a message out once and keeps it invisible for as long as it is told to, up to seven days. */
export function deferralQueue(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): Deferrals {
  const queue = serviceClient(connection, credential).getQueueClient(queueName);
  return {
    async defer(deferral: Deferral, delayMs: number): Promise<void> {
      // The queue trigger of the Functions host expects base64 unless host.json says otherwise.
      const text = Buffer.from(encodeDeferral(deferral)).toString('base64');
      const options = {
        visibilityTimeout: Math.ceil(delayMs / 1000),
        abortSignal: AbortSignal.timeout(8_000),
      };
      try {
        await queue.sendMessage(text, options).catch(async (error: unknown) => {
          if (refusalOf(error)?.status !== 404) throw error;
          await queue.createIfNotExists();
          return queue.sendMessage(text, options);
        });
      } catch (error) {
        throw new DeferralError(deferral.group.key, { cause: error });
      }
    },
  };
}

function serviceClient(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): QueueServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 4_000 } };
  if (connection.kind === 'connectionString') {
    return QueueServiceClient.fromConnectionString(connection.connectionString, options);
  }
  return new QueueServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}
