import type { TokenCredential } from '@azure/core-auth';
import { AnonymousCredential, BlobServiceClient } from '@azure/storage-blob';
import type { StorageConnection } from '../../settings/storage-connection.ts';

/** @param credential `undefined` for a connection string, and on loopback. */
export function blobService(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): BlobServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 10_000 } };
  return connection.kind === 'connectionString'
    ? BlobServiceClient.fromConnectionString(connection.connectionString, options)
    : new BlobServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}
