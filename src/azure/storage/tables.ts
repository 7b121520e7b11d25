import type { TokenCredential } from '@azure/core-auth';
import { TableClient, type TableServiceClientOptions, type TransactionAction } from '@azure/data-tables';
import { inTime } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { StateChangedError, StateRefusedError, StateUnavailableError } from '../../lib/errors.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf, retryAfterOf } from '../arm/errors.ts';
import { byPartition, type Keys } from './entities.ts';
import {
  type Entity,
  type EntityPage,
  type EntityToWrite,
  entityRequests,
  type ListQuery,
} from './entity-requests.ts';
import { signWithPreparedKey } from './shared-key.ts';

export type { Entity };

/**
 * One table, created when it is missing. Every method throws `StateUnavailableError` when storage does not answer,
 * `StateChangedError` when a condition is not met, and `StateRefusedError` for an entity that is too large. Each call, and each page of a listing, ends at the deadline, or
 * after 5 s, whatever storage and the SDK do.
 * https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 */
export interface Table {
  get(partitionKey: string, rowKey: string, deadline: Deadline): Promise<Entity | undefined>;
  /** @returns the ETag. */
  insert(entity: EntityToWrite, deadline: Deadline): Promise<string>;
  /** Replaces all properties of the entity that was read with this ETag. @returns the new ETag. */
  replace(entity: EntityToWrite, etag: string, deadline: Deadline): Promise<string>;
  /** Adds properties to an entity, which is created when it is missing, and keeps its other properties. */
  merge(entity: EntityToWrite, deadline: Deadline): Promise<void>;
  /** Adds properties to an entity that exists, whoever else writes it. @returns false when it does not exist. */
  amend(entity: EntityToWrite, deadline: Deadline): Promise<boolean>;
  upsert(entity: EntityToWrite, deadline: Deadline): Promise<void>;
  /** Deletes an entity; one that is already gone is no error. */
  delete(partitionKey: string, rowKey: string, deadline: Deadline, etag?: string): Promise<void>;
  /** Makes up to 100 changes in one partition, all or none. */
  transact(actions: readonly TransactionAction[], deadline: Deadline): Promise<void>;
  /** Yields page by page, in the order of the keys. */
  pages(deadline: Deadline, query?: ListQuery): AsyncIterable<readonly Entity[]>;
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
  const entities = entityRequests(client);
  async function call<T>(
    operation: string,
    deadline: Deadline,
    run: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limited = <R>(one: (abortSignal: AbortSignal) => Promise<R>) =>
      inTime(Math.min(callTimeoutMs, deadline.remainingMs()), one);
    const once = () => limited(run);
    try {
      return await once().catch(async (error: unknown) => {
        if (codeOf(error) !== 'TableNotFound') throw error;
        await limited((abortSignal) => client.createTable({ abortSignal }));
        return once();
      });
    } catch (error) {
      throw toStateError(`${operation} in the table ${name}`, error);
    }
  }
  return {
    get: (partitionKey, rowKey, deadline) =>
      call('a read', deadline, (abortSignal) => entities.read({ partitionKey, rowKey }, abortSignal)),
    insert: (entity, deadline) =>
      call('an insert', deadline, (abortSignal) => entities.insert(entity, abortSignal)),
    replace: (entity, etag, deadline) =>
      call('an update', deadline, (abortSignal) => entities.write('PUT', entity, etag, abortSignal)),
    merge: (entity, deadline) =>
      call(
        'a merge',
        deadline,
        async (abortSignal) => void (await entities.write('PATCH', entity, undefined, abortSignal)),
      ),
    amend: (entity, deadline) =>
      call('an amendment', deadline, async (abortSignal) => {
        try {
          await entities.write('PATCH', entity, '*', abortSignal);
          return true;
        } catch (error) {
          if (isGone(error)) return false;
          throw error;
        }
      }),
    upsert: (entity, deadline) =>
      call(
        'a write',
        deadline,
        async (abortSignal) => void (await entities.write('PUT', entity, undefined, abortSignal)),
      ),
    delete: (partitionKey, rowKey, deadline, etag) =>
      call('a deletion', deadline, async (abortSignal) => {
        const condition = etag === undefined ? {} : { etag };
        await client
          .deleteEntity(partitionKey, rowKey, { ...condition, abortSignal })
          .catch((error: unknown) => {
            if (!isGone(error)) throw error;
          });
      }),
    transact: (actions, deadline) =>
      call(
        'a transaction',
        deadline,
        async (abortSignal) => void (await client.submitTransaction([...actions], { abortSignal })),
      ),
    async *pages(deadline, query = {}) {
      let from: EntityPage['next'];
      do {
        const position = from;
        const page = await call('a query', deadline, (abortSignal) =>
          entities.list(query, position, abortSignal),
        );
        yield page.entities;
        from = page.next;
      } while (from !== undefined);
    },
  };
}

/** A change of one entity, in a transaction and by itself. */
interface EntityChange<E extends Keys> {
  readonly together: (entity: E) => TransactionAction;
  readonly alone: (entity: E) => Promise<unknown>;
}

/**
 * Changes entities in as few transactions as possible. What is wrong with one entity concerns no other. Never throws.
 * @returns the error of each entity that was not changed.
 */
export async function changeAll<E extends Keys>(
  table: Table,
  all: readonly E[],
  { together, alone }: EntityChange<E>,
  deadline: Deadline,
): Promise<ReadonlyMap<E, Error>> {
  const failures = new Map<E, Error>();
  for (const group of byPartition(all)) {
    try {
      await table.transact(group.map(together), deadline);
    } catch (error) {
      // One entity undoes the whole transaction, so each is changed by itself.
      const isOfOne = error instanceof StateChangedError || error instanceof StateRefusedError;
      for (const entity of group) {
        const failure = isOfOne ? await failureOf(alone(entity)) : toError(error);
        if (failure !== undefined) failures.set(entity, failure);
      }
    }
  }
  return failures;
}

/** Deletes entities; those that are already gone are no error. */
export const deleteAll = <E extends Keys>(
  table: Table,
  all: readonly E[],
  deadline: Deadline,
): Promise<ReadonlyMap<E, Error>> =>
  changeAll(
    table,
    all,
    {
      together: ({ partitionKey, rowKey }) => ['delete', { partitionKey, rowKey }],
      alone: ({ partitionKey, rowKey }) => table.delete(partitionKey, rowKey, deadline),
    },
    deadline,
  );

const failureOf = (work: Promise<unknown>): Promise<Error | undefined> => work.then(() => undefined, toError);

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

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
    const client = TableClient.fromConnectionString(connection.connectionString, name, {
      ...options,
      allowInsecureConnection: true,
    });
    signWithPreparedKey(client.pipeline, connection.connectionString);
    return client;
  }
  const { url } = connection.endpoint;
  if (credential !== undefined) return new TableClient(url, name, credential, options);
  return new TableClient(url, name, { ...options, allowInsecureConnection: true });
}

function toStateError(operation: string, error: unknown): Error {
  const status = refusalOf(error)?.status;
  if (status === 400 || status === 413) return new StateRefusedError(operation, { cause: error });
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
