import type { TokenCredential } from '@azure/core-auth';
import type { PoisonMessage, PoisonQueue } from '../cli/replay/ports.ts';
import { queueName } from '../dns/requeue.ts';
import type { StorageConnection } from '../settings/storage-connection.ts';
import { refusalOf } from './arm/errors.ts';
import { queueService, sendTo } from './storage/queues.ts';

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
  const service = queueService(connection, credential);
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
    send: (text) => sendTo(queue, text),
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
