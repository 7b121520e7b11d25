import type { TokenCredential } from '@azure/core-auth';
import {
  AnonymousCredential,
  type QueueClient,
  type QueueSendMessageOptions,
  QueueServiceClient,
} from '@azure/storage-queue';
import { RequeueError } from '../../dns/errors.ts';
import type { RequeueQueue } from '../../dns/ports.ts';
import { queueName } from '../../dns/queue-name.ts';
import { encodeRequeueMessage, type RequeueMessage } from '../../dns/requeue.ts';
import { inTime } from '../../lib/async.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';

/** Queue storage refuses a longer time. https://learn.microsoft.com/rest/api/storageservices/put-message */
const maxHiddenSeconds = 7 * 24 * 60 * 60;
const neverExpires = -1;
/** Work is requeued when the time of an invocation is over, so this comes on top of it. */
const requeueMs = 8_000;

/**
 * A queue hands a message out once and keeps it invisible for as long as it is told to, up to seven days. Messages are
 * plain JSON, which host.json says too (`messageEncoding`).
 */
export function requeueQueue(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): RequeueQueue {
  let queue: QueueClient | undefined;
  return {
    async requeue(message: RequeueMessage, delayMs: number): Promise<void> {
      const options = {
        visibilityTimeout: Math.min(maxHiddenSeconds, Math.ceil(delayMs / 1000)),
        // The usual seven days would end with the longest time out of sight.
        messageTimeToLive: neverExpires,
      };
      try {
        // The SDK refuses some connections here, such as the URL of an emulator without its account.
        queue ??= queueService(connection, credential).getQueueClient(queueName);
        const known = queue;
        await inTime(requeueMs, (abortSignal) =>
          sendTo(known, encodeRequeueMessage(message), { ...options, abortSignal }),
        );
      } catch (error) {
        throw new RequeueError(message.group.key, { cause: error });
      }
    },
  };
}

/** The client of a queue service, with few and short retries: invocations wait for it. */
export function queueService(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): QueueServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 4_000 } };
  return connection.kind === 'connectionString'
    ? QueueServiceClient.fromConnectionString(connection.connectionString, options)
    : new QueueServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}

/** Sends a message. Creates the queue when it is missing. */
export async function sendTo(
  queue: QueueClient,
  text: string,
  options: QueueSendMessageOptions = {},
): Promise<void> {
  await queue.sendMessage(text, options).catch(async (error: unknown) => {
    if (refusalOf(error)?.status !== 404) throw error;
    const { abortSignal } = options;
    await queue.createIfNotExists(abortSignal === undefined ? {} : { abortSignal });
    return queue.sendMessage(text, options);
  });
}
