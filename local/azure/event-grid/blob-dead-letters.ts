import type { DeadLetterStore } from './dead-letters.ts';

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
