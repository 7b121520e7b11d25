import type { TokenCredential } from '@azure/core-auth';
import {
  TableClient,
  type TableEntity,
  type TableEntityResult,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables';
import { inTime } from '../../lib/async.ts';
import { StateChangedError, StateUnavailableError } from '../../lib/errors.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf, retryAfterOf } from '../arm/errors.ts';
import { byPartition, type Keys } from './entities.ts';

type Values = Record<string, unknown>;
export type Entity = TableEntityResult<Values>;

/**
 * One table, created when it is missing. Every method throws `StateUnavailableError` when storage does not answer,
 * and `StateChangedError` when a condition is not met.
 * https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<Entity | undefined>;
  /** @returns the ETag. */
  insert(entity: TableEntity<Values>): Promise<string>;
  /** Replaces all properties of the entity that was read with this ETag. @returns the new ETag. */
  replace(entity: TableEntity<Values>, etag: string): Promise<string>;
  /** Adds properties to an entity, which is created when it is missing, and keeps its other properties. */
  merge(entity: TableEntity<Values>): Promise<void>;
  upsert(entity: TableEntity<Values>): Promise<void>;
  /** Deletes an entity; one that is already gone is no error. */
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<void>;
  /** Makes up to 100 changes in one partition, all or none. */
  transact(actions: readonly TransactionAction[]): Promise<void>;
  /** Yields page by page, in the order of the keys. */
  pages(filter?: string): AsyncIterable<readonly Entity[]>;
}

/** A call that hangs must leave the caller time to report it. */
const callTimeoutMs = 5_000;
/** The wait when the service names none; it usually recovers within seconds. */
const defaultRetryAfterMs = 5_000;

/** @param credential `undefined` for a connection string, and on loopback. */
export function openTable(
  name: string,
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): Table {
  const client = tableClient(name, connection, credential);
  async function call<T>(operation: string, run: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const once = () => inTime(callTimeoutMs, run);
    try {
      return await once().catch(async (error: unknown) => {
        if (codeOf(error) !== 'TableNotFound') throw error;
        await inTime(callTimeoutMs, (abortSignal) => client.createTable({ abortSignal }));
        return once();
      });
    } catch (error) {
      throw toStateError(`${operation} in the table ${name}`, error);
    }
  }
  return {
    get: (partitionKey, rowKey) =>
      call('a read', (abortSignal) =>
        client.getEntity<Values>(partitionKey, rowKey, { abortSignal }).catch((error: unknown) => {
          if (isGone(error)) return undefined;
          throw error;
        }),
      ),
    insert: (entity) =>
      call('an insert', async (abortSignal) => etagOf(await client.createEntity(entity, { abortSignal }))),
    replace: (entity, etag) =>
      call('an update', async (abortSignal) =>
        etagOf(await client.updateEntity(entity, 'Replace', { etag, abortSignal })),
      ),
    merge: (entity) =>
      call(
        'a merge',
        async (abortSignal) => void (await client.upsertEntity(entity, 'Merge', { abortSignal })),
      ),
    upsert: (entity) =>
      call(
        'a write',
        async (abortSignal) => void (await client.upsertEntity(entity, 'Replace', { abortSignal })),
      ),
    delete: (partitionKey, rowKey, etag) =>
      call('a deletion', async (abortSignal) => {
        const condition = etag === undefined ? {} : { etag };
        await client
          .deleteEntity(partitionKey, rowKey, { ...condition, abortSignal })
          .catch((error: unknown) => {
            if (!isGone(error)) throw error;
          });
      }),
    transact: (actions) =>
      call(
        'a transaction',
        async (abortSignal) => void (await client.submitTransaction([...actions], { abortSignal })),
      ),
    async *pages(filter) {
      const queryOptions = filter === undefined ? {} : { filter };
      let continuationToken: string | undefined;
      do {
        const token = continuationToken;
        const page = await call('a query', async () => {
          const settings = token === undefined ? {} : { continuationToken: token };
          const pages = client.listEntities<Values>({ queryOptions }).byPage(settings);
          const { value } = await pages[Symbol.asyncIterator]().next();
          return value;
        });
        if (page === undefined) return;
        yield page;
        continuationToken = page.continuationToken;
      } while (continuationToken !== undefined);
    },
  };
}

/** Deletes entities in as few transactions as possible; those that are already gone are no error. */
export async function deleteAll(table: Table, all: readonly Keys[]): Promise<void> {
  for (const group of byPartition(all)) {
    try {
      await table.transact(group.map((keys) => ['delete', keys]));
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      // A single missing entity undoes the whole transaction, so they are deleted one by one.
      for (const { partitionKey, rowKey } of group) await table.delete(partitionKey, rowKey);
    }
  }
}

function tableClient(
  name: string,
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): TableClient {
  const options: TableServiceClientOptions = {
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
  };
  if (connection.kind === 'connectionString') {
    // Only a connection string to loopback can name http: the setting is checked when it is parsed.
    return TableClient.fromConnectionString(connection.connectionString, name, {
      ...options,
      allowInsecureConnection: true,
    });
  }
  const { url } = connection.endpoint;
  if (credential !== undefined) return new TableClient(url, name, credential, options);
  return new TableClient(url, name, { ...options, allowInsecureConnection: true });
}

function toStateError(operation: string, error: unknown): Error {
  const status = refusalOf(error)?.status;
  if (status === 409 || status === 412 || status === 404)
    return new StateChangedError(operation, { cause: error });
  return new StateUnavailableError(operation, retryAfterOf(error) ?? defaultRetryAfterMs, { cause: error });
}

const isGone = (error: unknown): boolean =>
  refusalOf(error)?.status === 404 && codeOf(error) !== 'TableNotFound';

/** The Tables SDK puts the error code into `code` for a transaction, and into `details` for every other call. */
function codeOf(error: unknown): string | undefined {
  const code = refusalOf(error)?.code;
  if (code !== undefined) return code;
  if (!(error instanceof Error) || !('details' in error)) return undefined;
  const { details } = error;
  if (typeof details !== 'object' || details === null || !('odataError' in details)) return undefined;
  const { odataError } = details;
  if (typeof odataError !== 'object' || odataError === null || !('code' in odataError)) return undefined;
  return typeof odataError.code === 'string' ? odataError.code : undefined;
}

function etagOf({ etag }: { etag?: string }): string {
  if (etag === undefined) throw new Error('table storage answered a write without an ETag');
  return etag;
}
