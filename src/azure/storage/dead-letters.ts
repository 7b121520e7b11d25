import type { TokenCredential } from '@azure/core-auth';
import type { ContainerClient, ContainerListBlobsOptions } from '@azure/storage-blob';
import { queueName } from '../../dns/queue-name.ts';
import { parseJson } from '../../lib/json.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';
import { blobService, storageCallWithin } from './blobs.ts';
import { queueService, sendTo } from './queues.ts';

/** Each call of a store below, and each page of a listing, ends after this time: it then throws `UncertainCallError`. */
const callMs = 20_000;

/** A blob of dead letters. */
export interface DeadLetterBlob {
  readonly name: string;
  /** When it was created. Marking it changes only the time of its last modification. */
  readonly writtenAt: Date;
  /** When its events were sent again, according to its mark. */
  readonly replayedAt: string | undefined;
}

/** The blob container of dead letters. It offers no way to delete. */
export interface DeadLetterStore {
  /** Nothing where the container does not exist. */
  list(): AsyncIterable<DeadLetterBlob>;
  /** @returns `undefined` for text that is not JSON. */
  read(name: string): Promise<unknown>;
  mark(name: string, replayedAt: string): Promise<void>;
}

/** A message that the function failed on too often. */
export interface PoisonMessage {
  readonly id: string;
  /** The text as it was sent: JSON, or base64 of it from an older version. */
  readonly text: string;
  readonly insertedOn: Date;
}

/** The poison queue of `resumeDns`, and the queue that its messages came from. It offers no way to delete. */
export interface PoisonQueue {
  /** The first messages, which can be seen without taking them, and the approximate number of all. */
  peek(): Promise<{ readonly messages: readonly PoisonMessage[]; readonly count: number }>;
  /** Some messages, which stay invisible to others for a minute; none once each was handed out. */
  take(): Promise<readonly PoisonMessage[]>;
  /** Puts a text into the queue that `resumeDns` reads. */
  send(text: string): Promise<void>;
}

/** The messages that were sent again. They are noted elsewhere, because the queue itself cannot be marked. */
export interface ReplayNotes {
  /** The time of each note by message id. */
  list(): Promise<ReadonlyMap<string, string>>;
  write(messageId: string, replayedAt: string): Promise<void>;
}

/** The service returns metadata names in lower case. */
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
        const blobs = blobsInTime('the dead letters', container, { includeMetadata: true });
        for await (const { name, properties, metadata } of blobs) {
          const writtenAt = properties.createdOn ?? properties.lastModified;
          yield { name, writtenAt, replayedAt: metadata?.[mark] };
        }
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
    },
    async read(name) {
      const blob = container.getBlobClient(name);
      const bytes = await inTime('read a dead letter', blob, (abortSignal) =>
        blob.downloadToBuffer(0, undefined, { abortSignal }),
      );
      return parseJson(bytes.toString());
    },
    async mark(name, replayedAt) {
      const blob = container.getBlobClient(name);
      await inTime('mark a dead letter', blob, async (abortSignal) => {
        const { metadata = {} } = await blob.getProperties({ abortSignal });
        await blob.setMetadata({ ...metadata, [mark]: replayedAt }, { abortSignal });
      });
    },
  };
}

/** One blob a message, in the container of the audit's report. */
export function replayNotes(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): ReplayNotes {
  const container = blobService(connection, credential).getContainerClient('evenkeel');
  return {
    async list() {
      const notes = new Map<string, string>();
      try {
        const blobs = blobsInTime('the notes of replays', container, { prefix: notesPrefix });
        for await (const { name, properties } of blobs) {
          notes.set(name.slice(notesPrefix.length), properties.lastModified.toISOString());
        }
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
      return notes;
    },
    async write(messageId, replayedAt) {
      const note = container.getBlockBlobClient(`${notesPrefix}${messageId}`);
      await inTime('write a note of a replay', note, async (abortSignal) => {
        await container.createIfNotExists({ abortSignal });
        await note.upload(replayedAt, replayedAt.length, { abortSignal });
      });
    },
  };
}

const inTime = <T>(
  operation: string,
  place: { readonly url: string },
  run: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> => storageCallWithin(callMs, operation, place, run);

/** The blobs of a listing, each of whose pages ends in time. */
async function* blobsInTime(what: string, container: ContainerClient, query: ContainerListBlobsOptions) {
  const listing = new AbortController();
  const pages = container.listBlobsFlat({ ...query, abortSignal: listing.signal }).byPage();
  try {
    for (;;) {
      const page = await inTime(`list ${what}`, container, () => pages.next());
      if (page.done === true) return;
      yield* page.value.segment.blobItems;
    }
  } finally {
    // A page that came too late would keep the command from ending.
    listing.abort();
  }
}

/** The Functions host moves a message here when its function has failed on it too often. */
const poisonName = `${queueName}-poison`;
/** The most that one call returns. */
const batch = 32;
/** Long enough to read a long queue once. */
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
      return inTime('look at the poison queue', poison, async (abortSignal) => {
        const { approximateMessagesCount = 0 } = await poison
          .getProperties({ abortSignal })
          .catch(orNone<{ approximateMessagesCount?: number }>({}));
        if (approximateMessagesCount === 0) return { messages: [], count: 0 };
        const { peekedMessageItems } = await poison.peekMessages({ numberOfMessages: batch, abortSignal });
        return { messages: peekedMessageItems.map(toMessage), count: approximateMessagesCount };
      });
    },
    async take() {
      const options = { numberOfMessages: batch, visibilityTimeout: takenSeconds };
      const { receivedMessageItems } = await inTime('take messages', poison, (abortSignal) =>
        poison.receiveMessages({ ...options, abortSignal }).catch(orNone({ receivedMessageItems: [] })),
      );
      return receivedMessageItems.map(toMessage);
    },
    send: (text) => inTime('send a message', queue, (abortSignal) => sendTo(queue, text, { abortSignal })),
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
