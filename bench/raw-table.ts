import { createHmac } from 'node:crypto';
import type { Azurite } from '../local/azure/azurite.ts';
import type { LoadRequest } from './http-load.ts';
import type { ImageEntity } from './image-entities.ts';

/**
 * Requests to one table without an SDK, which show what storage alone can do.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#table-service-shared-key-lite-authorization
 */
export class RawTable {
  private readonly endpoint: string;
  private readonly name: string;
  private readonly account: string;
  private readonly key: Buffer;

  constructor({ endpoints, connectionString }: Azurite, name: string) {
    this.endpoint = endpoints.table;
    this.name = name;
    this.account = /AccountName=([^;]+)/.exec(connectionString)?.[1] ?? '';
    this.key = Buffer.from(/AccountKey=([^;]+)/.exec(connectionString)?.[1] ?? '', 'base64');
  }

  /** The answer is 204. */
  insert({ partitionKey, rowKey, ...properties }: ImageEntity): LoadRequest {
    return this.post(this.name, { PartitionKey: partitionKey, RowKey: rowKey, ...properties }, this.name);
  }

  /** The answer is 204. */
  create(): LoadRequest {
    return this.post('Tables', { TableName: this.name }, 'Tables');
  }

  /** Replaces an entity. The answer is 204. */
  update({ partitionKey, rowKey, ...properties }: ImageEntity): LoadRequest {
    const path = this.entityPath(partitionKey, rowKey);
    const headers = { ...this.headers(path), 'content-type': 'application/json', 'if-match': '*' };
    const body = JSON.stringify({ PartitionKey: partitionKey, RowKey: rowKey, ...properties });
    return { url: `${this.endpoint}/${path}`, method: 'PUT', headers, body };
  }

  /** The answer is 200. */
  get(partitionKey: string, rowKey: string): LoadRequest {
    const path = this.entityPath(partitionKey, rowKey);
    return { url: `${this.endpoint}/${path}`, method: 'GET', headers: this.headers(path) };
  }

  private entityPath(partitionKey: string, rowKey: string): string {
    const [partition, row] = [partitionKey, rowKey].map((key) =>
      encodeURIComponent(key.replaceAll("'", "''")),
    );
    return `${this.name}(PartitionKey='${partition}',RowKey='${row}')`;
  }

  private post(path: string, body: unknown, resource: string): LoadRequest {
    const headers = { ...this.headers(resource), 'content-type': 'application/json' };
    return {
      url: `${this.endpoint}/${path}`,
      method: 'POST',
      headers: { ...headers, prefer: 'return-no-content' },
      body: JSON.stringify(body),
    };
  }

  private headers(resource: string): Record<string, string> {
    const date = new Date().toUTCString();
    const text = `${date}\n/${this.account}/${this.account}/${resource}`;
    const signature = createHmac('sha256', this.key).update(text).digest('base64');
    return {
      'x-ms-date': date,
      authorization: `SharedKeyLite ${this.account}:${signature}`,
      'x-ms-version': '2019-02-02',
      accept: 'application/json;odata=nometadata',
    };
  }
}
