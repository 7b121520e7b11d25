import type { TokenCredential } from '@azure/core-auth';
import type { LetterStore, ReplayNotes } from '../../cli/replay/ports.ts';
import { parseJson } from '../../lib/json.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';
import { blobService } from './blobs.ts';

/** Names of metadata come back in lower case. */
const mark = 'evenkeelreplayedat';
const notesPrefix = 'replayed/evenkeel-dns-poison/';

export function deadLetterBlobs(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
  containerName: string,
): LetterStore {
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
