import type { TokenCredential } from '@azure/core-auth';
import {
  AnonymousCredential,
  type QueueClient,
  type QueueSendMessageOptions,
  QueueServiceClient,
} from '@azure/storage-queue';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';

/** @param credential `undefined` for a connection string, and on loopback. */
export function queueService(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): QueueServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 4_000 } };
  return connection.kind === 'connectionString'
    ? QueueServiceClient.fromConnectionString(connection.connectionString, options)
    : new QueueServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}

/** Makes the queue when it is missing. */
export async function sendTo(
  queue: QueueClient,
  text: string,
  options: QueueSendMessageOptions = {},
): Promise<void> {
  await queue.sendMessage(text, options).catch(async (error: unknown) => {
    if (refusalOf(error)?.status !== 404) throw error;
    await queue.createIfNotExists();
    return queue.sendMessage(text, options);
  });
}
