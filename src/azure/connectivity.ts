import type { TokenCredential } from '@azure/core-auth';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { inTime, isLate } from '../lib/async.ts';
import type { Endpoint } from '../settings/endpoint.ts';
import { needsCredential, type StorageConnection } from '../settings/storage-connection.ts';
import { refusalOf } from './arm/errors.ts';

/** How a service answered a harmless call from this machine. */
export type Connectivity =
  | { readonly kind: 'reachable' }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | undefined }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Tries one service of a storage account. Never throws. */
export type StorageConnectivity = (
  service: 'blob' | 'queue' | 'table',
  connection: StorageConnection,
) => Promise<Connectivity>;

const timeoutMs = 8_000;

/** @param credential asked for only where a connection needs it. */
export const storageConnectivity =
  (credential: () => Promise<TokenCredential>): StorageConnectivity =>
  (service, connection) =>
    connectivityOf(async (abortSignal) => {
      const access = needsCredential(connection) ? await credential() : undefined;
      const options = { retryOptions: { maxTries: 1 } };
      switch (service) {
        case 'blob': {
          const { AnonymousCredential, BlobServiceClient } = await import('@azure/storage-blob');
          const client =
            connection.kind === 'connectionString'
              ? BlobServiceClient.fromConnectionString(connection.connectionString, options)
              : new BlobServiceClient(connection.endpoint.url, access ?? new AnonymousCredential(), options);
          return client.listContainers({ abortSignal }).byPage({ maxPageSize: 1 }).next();
        }
        case 'queue': {
          const { AnonymousCredential, QueueServiceClient } = await import('@azure/storage-queue');
          const client =
            connection.kind === 'connectionString'
              ? QueueServiceClient.fromConnectionString(connection.connectionString, options)
              : new QueueServiceClient(connection.endpoint.url, access ?? new AnonymousCredential(), options);
          return client.listQueues({ abortSignal }).byPage({ maxPageSize: 1 }).next();
        }
        case 'table': {
          const { TableServiceClient } = await import('@azure/data-tables');
          const insecure = { retryOptions: { maxRetries: 0 }, allowInsecureConnection: true };
          // Safe: the setting was checked when it was parsed, and plain http in it is for loopback only.
          const client =
            connection.kind === 'connectionString'
              ? TableServiceClient.fromConnectionString(connection.connectionString, insecure)
              : access === undefined
                ? new TableServiceClient(connection.endpoint.url, insecure)
                : new TableServiceClient(connection.endpoint.url, access, {
                    retryOptions: { maxRetries: 0 },
                  });
          return client.listTables({ abortSignal }).byPage({ maxPageSize: 1 }).next();
        }
      }
    });

/**
 * Publishes an empty batch: a topic that accepts it, or calls it malformed, exists and grants access.
 * @param credential `undefined` on loopback http.
 */
export const topicConnectivity = (
  { url }: Endpoint,
  credential: TokenCredential | undefined,
): Promise<Connectivity> =>
  connectivityOf(async (abortSignal) => {
    const client = new EventGridPublisherClient(
      url,
      'CloudEvent',
      credential ?? new AzureKeyCredential('local'),
      {
        allowInsecureConnection: credential === undefined,
        retryOptions: { maxRetries: 0 },
      },
    );
    await client.send([], { abortSignal }).catch((error: unknown) => {
      if (refusalOf(error)?.status !== 400) throw error;
    });
  });

async function connectivityOf(work: (abortSignal: AbortSignal) => Promise<unknown>): Promise<Connectivity> {
  try {
    await inTime(timeoutMs, work);
    return { kind: 'reachable' };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return { kind: 'refused', ...refusal };
    return { kind: 'unreachable', reason: reasonOf(error) };
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no answer';
  return isLate(error) ? 'no answer in time' : error.message;
};
