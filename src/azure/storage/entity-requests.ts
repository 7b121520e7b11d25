import {
  createHttpHeaders,
  createPipelineRequest,
  formDataPolicyName,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TableClient } from '@azure/data-tables';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import { httpClient } from '../http-client.ts';
import type { Keys } from './entities.ts';

/** What entities hold: the service knows these by their form in JSON. */
export type Values = Readonly<Record<string, string | number | boolean | undefined>>;
export type EntityToWrite = Keys & Values;

/** An entity as it is stored. */
export interface Entity {
  readonly [name: string]: unknown;
  readonly partitionKey?: string;
  readonly rowKey?: string;
  readonly timestamp?: string;
  /** Empty where a listing does not tell. */
  readonly etag: string;
}

/** A part of a listing, and where the next one begins; without that, it was the last. */
export interface EntityPage {
  readonly entities: readonly Entity[];
  readonly next: ListPosition | undefined;
}

/** https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities */
export interface ListQuery {
  /** Every entity without it. */
  readonly filter?: string | undefined;
  /** Whether entities come without their values. */
  readonly keysOnly?: boolean;
}

interface ListPosition {
  readonly partitionKey: string;
  readonly rowKey: string | undefined;
}

/**
 * Requests for one entity each, or for a page of them. Every method throws `RestError`, as the methods of the SDK do.
 * https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 */
export interface EntityRequests {
  /** @returns `undefined` when there is no such entity. */
  read(keys: Keys, abortSignal: AbortSignal): Promise<Entity | undefined>;
  /** @returns the ETag. */
  insert(entity: EntityToWrite, abortSignal: AbortSignal): Promise<string>;
  /**
   * @param how `PUT` replaces all properties, `PATCH` keeps those that are not named.
   * @param etag the entity must have it, or exist with `*`; one that is missing is created with `undefined`.
   * @returns the new ETag.
   */
  write(
    how: 'PUT' | 'PATCH',
    entity: EntityToWrite,
    etag: string | undefined,
    abortSignal: AbortSignal,
  ): Promise<string>;
  /** Up to 1,000 entities in the order of their keys; also none, where more follow. */
  list(query: ListQuery, from: ListPosition | undefined, abortSignal: AbortSignal): Promise<EntityPage>;
}

/**
 * Every webhook makes two of these requests, and the SDK's general rules for mapping values to a request took half of
 * their CPU time. The SDK's pipeline stays: it signs, tries again, and traces.
 */
export function entityRequests(client: Pick<TableClient, 'pipeline' | 'tableName' | 'url'>): EntityRequests {
  const pipeline = client.pipeline.clone();
  // The last one has Node.js load all of `fetch`, to see whether the body is a form.
  for (const name of ['serializationPolicy', 'deserializationPolicy', formDataPolicyName])
    pipeline.removePolicy({ name });
  // A connection string with a shared access signature has it in the query.
  const { origin, pathname, search } = new URL(client.url);
  const tableUrl = `${origin}${pathname.replace(/\/$/, '')}/${client.tableName}`;
  const urlOf = ({ partitionKey, rowKey }: Keys) =>
    `${tableUrl}(PartitionKey='${inUrl(partitionKey)}',RowKey='${inUrl(rowKey)}')${search}`;
  const send = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    abortSignal: AbortSignal,
    { entity, headers }: { readonly entity?: EntityToWrite; readonly headers?: Record<string, string> } = {},
  ): Promise<PipelineResponse> => {
    const body = entity && bodyOf(entity);
    const request = createPipelineRequest({
      url,
      method,
      abortSignal,
      // Only loopback has http: the setting is checked when it is parsed.
      allowInsecureConnection: url.startsWith('http:'),
      headers: createHttpHeaders({
        accept: 'application/json;odata=minimalmetadata',
        'x-ms-version': '2019-02-02',
        dataserviceversion: '3.0',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...headers,
      }),
      ...(body !== undefined && { body }),
    });
    return pipeline.sendRequest(httpClient, request);
  };
  return {
    async read(keys, abortSignal) {
      const response = await send('GET', urlOf(keys), abortSignal);
      if (response.status === 200) return entityIn(response, keys);
      if (response.status === 404 && refusalIn(response).code !== 'TableNotFound') return undefined;
      throw errorOf(response);
    },
    async insert(entity, abortSignal) {
      const headers = { prefer: 'return-no-content' };
      return etagIn(await send('POST', `${tableUrl}${search}`, abortSignal, { entity, headers }));
    },
    async write(how, entity, etag, abortSignal) {
      const headers = etag === undefined ? {} : { 'if-match': etag };
      return etagIn(await send(how, urlOf(entity), abortSignal, { entity, headers }));
    },
    async list({ filter, keysOnly = false }, from, abortSignal) {
      const query = new URLSearchParams(search);
      if (filter !== undefined) query.set('$filter', filter);
      if (keysOnly) query.set('$select', 'PartitionKey,RowKey,Timestamp');
      if (from !== undefined) query.set('NextPartitionKey', from.partitionKey);
      if (from?.rowKey !== undefined) query.set('NextRowKey', from.rowKey);
      return pageIn(await send('GET', `${tableUrl}()?${query}`, abortSignal));
    },
  };
}

const inUrl = (key: string): string =>
  encodeURIComponent(key.includes("'") ? key.replaceAll("'", "''") : key);

const bodyOf = ({ partitionKey, rowKey, ...values }: EntityToWrite): string =>
  JSON.stringify({ PartitionKey: partitionKey, RowKey: rowKey, ...values });

const storedEntity = v.looseObject({
  PartitionKey: v.string(),
  RowKey: v.string(),
  Timestamp: v.optional(v.string()),
  'odata.etag': v.optional(v.string()),
});

const storedPage = v.object({ value: v.array(storedEntity) });

/** @throws {RestError} for an answer that is not the entity that was asked for. */
function entityIn(response: PipelineResponse, { partitionKey, rowKey }: Keys): Entity {
  const parsed = v.safeParse(storedEntity, parseJson(response.bodyAsText ?? ''));
  const etag = response.headers.get('etag');
  if (!parsed.success || etag === undefined) throw unreadable(response);
  const entity = entityOf(parsed.output, etag);
  if (entity.partitionKey !== partitionKey || entity.rowKey !== rowKey) throw unreadable(response);
  return entity;
}

/** @throws {RestError} for an answer that is no listing. */
function pageIn(response: PipelineResponse): EntityPage {
  if (response.status !== 200) throw errorOf(response);
  const parsed = v.safeParse(storedPage, parseJson(response.bodyAsText ?? ''));
  if (!parsed.success) throw unreadable(response);
  const partitionKey = response.headers.get('x-ms-continuation-nextpartitionkey');
  const rowKey = response.headers.get('x-ms-continuation-nextrowkey');
  return {
    entities: parsed.output.value.map((one) => entityOf(one, one['odata.etag'] ?? '')),
    next: partitionKey ? { partitionKey, rowKey: rowKey || undefined } : undefined,
  };
}

function entityOf(stored: v.InferOutput<typeof storedEntity>, etag: string): Entity {
  const { PartitionKey, RowKey, Timestamp, 'odata.etag': _, ...values } = stored;
  return {
    ...values,
    partitionKey: PartitionKey,
    rowKey: RowKey,
    ...(Timestamp !== undefined && { timestamp: Timestamp }),
    etag,
  };
}

function etagIn(response: PipelineResponse): string {
  if (response.status !== 204) throw errorOf(response);
  const etag = response.headers.get('etag');
  if (etag === undefined) throw unreadable(response);
  return etag;
}

const serviceError = v.object({
  'odata.error': v.object({ code: v.string(), message: v.optional(v.object({ value: v.string() })) }),
});

/** What the service says of a request that it refuses. */
function refusalIn({
  bodyAsText,
}: PipelineResponse): Partial<v.InferOutput<typeof serviceError>['odata.error']> {
  const parsed = v.safeParse(serviceError, parseJson(bodyAsText ?? ''));
  return parsed.success ? parsed.output['odata.error'] : {};
}

function errorOf(response: PipelineResponse): RestError {
  const { status, request } = response;
  const { code, message } = refusalIn(response);
  const text = message?.value ?? `table storage answered ${status}`;
  return new RestError(text, { ...(code !== undefined && { code }), statusCode: status, request, response });
}

const unreadable = (response: PipelineResponse): RestError =>
  new RestError('table storage answered with something else than was asked for', {
    code: RestError.PARSE_ERROR,
    request: response.request,
    response,
  });
