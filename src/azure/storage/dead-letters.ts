import type { TokenCredential } from '@azure/core-auth';
import type {
  DeadLetterStore,
  PoisonMessage,
  PoisonQueue,
  ReplayNotes,
} from '../../cli/commands/replay/ports.ts';
import { queueName } from '../../dns/requeue.ts';
import { parseJson } from '../../lib/json.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';
import { blobService } from './blobs.ts';
import { queueService, sendTo } from './queues.ts';

/** Names of metadata come back in lower case. */
const mark = 'evenkeelreplayedat';
const notesPrefix = 'replayed/evenkeel-dns-poison/';

export function deadLetterBlobs(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
  containerName: string,
): DeadLetterStore {
  const container = blobService(connection, credential).getContainerClient(containerName);
  return {
    async *list() {
      try {
        for await (const { name, properties, metadata } of container.listBlobsFlat({
          includeMetadata: true,
        })) {
          const writtenAt = properties.createdOn ?? properties.lastModified;
          yield { name, writtenAt, replayedAt: metadata?.[mark] };
        }
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
    },
    async read(name) {
      return parseJson((await container.getBlobClient(name).downloadToBuffer()).toString());
    },
    async mark(name, replayedAt) {
      const blob = container.getBlobClient(name);
      const { metadata = {} } = await blob.getProperties();
      await blob.setMetadata({ ...metadata, [mark]: replayedAt });
    },
  };
}

/** One empty blob a message, in the container of the audit's report. */
export function replayNotes(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): ReplayNotes {
  const container = blobService(connection, credential).getContainerClient('evenkeel');
  return {
    async list() {
      const notes = new Map<string, string>();
      try {
        for await (const { name, properties } of container.listBlobsFlat({ prefix: notesPrefix })) {
          notes.set(name.slice(notesPrefix.length), properties.lastModified.toISOString());
        }
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
      return notes;
    },
    async write(messageId, replayedAt) {
      await container.createIfNotExists();
      await container.getBlockBlobClient(`${notesPrefix}${messageId}`).upload(replayedAt, replayedAt.length);
    },
  };
}

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
