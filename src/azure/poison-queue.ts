import type { TokenCredential } from '@azure/core-auth';
import { AnonymousCredential, QueueServiceClient } from '@azure/storage-queue';
import type { PoisonMessage, PoisonQueue } from '../cli/replay/ports.ts';
import { queueName } from '../dns/deferral.ts';
import type { StorageConnection } from '../storage-setting.ts';
import { refusalOf } from './failure.ts';

/** The Functions host moves a message here once its function has failed on it often enough. */
const poisonName = `${queueName}-poison`;
/** As many as one call gives. */
const batch = 32;
/** Long enough to go through a long queue once. */
const takenSeconds = 60;

export function poisonQueue(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): PoisonQueue {
  const service = serviceClient(connection, credential);
  const poison = service.getQueueClient(poisonName);
  const queue = service.getQueueClient(queueName);
  const orNone =
    <T>(none: T) =>
    (error: unknown): T => {
      if (refusalOf(error)?.status === 404) return none;
      throw error;
    };
  return {
    async peek() {
      const { approximateMessagesCount = 0 } = await poison
        .getProperties()
        .catch(orNone<{ approximateMessagesCount?: number }>({}));
      if (approximateMessagesCount === 0) return { messages: [], count: 0 };
      const { peekedMessageItems } = await poison.peekMessages({ numberOfMessages: batch });
      return { messages: peekedMessageItems.map(toMessage), count: approximateMessagesCount };
    },
    async take() {
      const options = { numberOfMessages: batch, visibilityTimeout: takenSeconds };
      const { receivedMessageItems } = await poison
        .receiveMessages(options)
        .catch(orNone({ receivedMessageItems: [] }));
      return receivedMessageItems.map(toMessage);
    },
    async send(text) {
      await queue.sendMessage(text).catch(async (error: unknown) => {
        if (refusalOf(error)?.status !== 404) throw error;
        await queue.createIfNotExists();
        return queue.sendMessage(text);
      });
    },
  };
}

interface Item {
  readonly messageId: string;
  readonly messageText: string;
  readonly insertedOn: Date;
}

const toMessage = ({ messageId, messageText, insertedOn }: Item): PoisonMessage => ({
  id: messageId,
  text: messageText,
  insertedOn,
});

function serviceClient(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): QueueServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 4_000 } };
  return connection.kind === 'connectionString'
    ? QueueServiceClient.fromConnectionString(connection.connectionString, options)
    : new QueueServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}
