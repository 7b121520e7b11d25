import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openTable, type Table } from '../../../src/azure/storage/tables.ts';
import { StateUnavailableError } from '../../../src/lib/errors.ts';
import { noDeadline } from '../../replication/fixtures.ts';

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly etag?: string;
  readonly body?: string;
}

/** What a table does with one answer to every request. */
async function withAnswer<T>(answer: Answer, use: (table: Table) => Promise<T>): Promise<T> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const { status, type = 'application/json', etag, body = '' } = answer;
    outgoing.writeHead(status, { 'content-type': type, ...(etag !== undefined && { etag }) });
    outgoing.end(status === 204 ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const key = Buffer.from('no secret').toString('base64');
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};TableEndpoint=http://127.0.0.1:${port}/a`;
  try {
    return await use(openTable('Some', { kind: 'connectionString', connectionString }, undefined));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const entity = { partitionKey: 'p', rowKey: 'r', text0: 'x' };
const stored = JSON.stringify({ PartitionKey: 'p', RowKey: 'r', text0: 'x' });
const read = (answer: Answer) => withAnswer(answer, (table) => table.get('p', 'r', noDeadline));
const replace = (answer: Answer) => withAnswer(answer, (table) => table.replace(entity, 'old', noDeadline));

describe('a read of an entity', () => {
  it('takes the entity with its ETag', async () => {
    const found = await read({ status: 200, etag: 'W/"1"', body: stored });
    expect(found).toEqual({ ...entity, etag: 'W/"1"' });
  });

  it.each<[what: string, answer: Answer]>([
    ['a page of a proxy', { status: 200, type: 'text/html', etag: 'W/"1"', body: '<html></html>' }],
    ['another entity', { status: 200, etag: 'W/"1"', body: stored.replace('"r"', '"other"') }],
    ['an entity without an ETag', { status: 200, body: stored }],
    ['no content', { status: 204, etag: 'W/"1"' }],
  ])('does not take %s for it', async (_, answer) => {
    await expect(read(answer)).rejects.toThrow(StateUnavailableError);
  });
});

describe('a write of an entity', () => {
  it('is done when the service says so, with the new ETag', async () => {
    expect(await replace({ status: 204, etag: 'W/"2"' })).toBe('W/"2"');
  });

  it.each<[what: string, answer: Answer]>([
    ['a page of a proxy', { status: 200, type: 'text/html', etag: 'W/"2"', body: '<html></html>' }],
    ['an answer without an ETag', { status: 204 }],
  ])('is not known to be done after %s', async (_, answer) => {
    await expect(replace(answer)).rejects.toThrow(StateUnavailableError);
  });
});

describe('a listing of entities', () => {
  const list = (answer: Answer) =>
    withAnswer(answer, async (table) => {
      const pages: unknown[] = [];
      for await (const page of table.pages(noDeadline, { keysOnly: true })) pages.push(page);
      return pages;
    });

  it('takes the entities with their ETags; one of which no ETag is told has an empty one', async () => {
    const named = { PartitionKey: 'p', RowKey: 'r', Timestamp: 't', 'odata.etag': 'W/"1"', text0: 'x' };
    const body = JSON.stringify({ value: [named, { PartitionKey: 'p', RowKey: 's' }] });
    expect(await list({ status: 200, body })).toEqual([
      [
        { ...entity, timestamp: 't', etag: 'W/"1"' },
        { partitionKey: 'p', rowKey: 's', etag: '' },
      ],
    ]);
  });

  it.each<[what: string, answer: Answer]>([
    ['a page of a proxy', { status: 200, type: 'text/html', body: '<html></html>' }],
    ['an entity without keys', { status: 200, body: '{"value":[{"PartitionKey":"p"}]}' }],
    ['no content', { status: 204 }],
    ['a refusal', { status: 403, body: '{"value":[]}' }],
  ])('is not known to be empty after %s', async (_, answer) => {
    await expect(list(answer)).rejects.toThrow(StateUnavailableError);
  });
});
