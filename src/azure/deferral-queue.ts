import type { TokenCredential } from '@azure/core-auth';
import { DeferralError } from '../dns/errors.ts';
import type { Deferrals } from '../dns/ports.ts';
import { type Deferral, encodeDeferral, queueName } from '../dns/requeue.ts';
import type { StorageConnection } from '../settings/storage-connection.ts';
import { queueService, sendTo } from './storage/queues.ts';

/** A queue hands a message out once and keeps it invisible for as long as it is told to, up to seven days. */
export function deferralQueue(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): Deferrals {
  const queue = queueService(connection, credential).getQueueClient(queueName);
  return {
    async defer(deferral: Deferral, delayMs: number): Promise<void> {
      // The queue trigger of the Functions host expects base64 unless host.json says otherwise.
      const text = Buffer.from(encodeDeferral(deferral)).toString('base64');
      const options = {
        visibilityTimeout: Math.ceil(delayMs / 1000),
        abortSignal: AbortSignal.timeout(8_000),
      };
      try {
        await sendTo(queue, text, options);
      } catch (error) {
        throw new DeferralError(deferral.group.key, { cause: error });
      }
    },
  };
}
