import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brokenLimit } from '../support/service-limits.ts';

/** A request to table or queue storage. */
export interface StorageRequest {
  readonly method: string;
  /** Such as `EvenkeelImages`; `Tables` when one is created, `$batch` for a transaction. The name of a queue. */
  readonly name: string;
  /** The path, and the body if there is one: the keys of the entity are in one of the two. */
  readonly text: string;
}

/** Stands between the app and table or queue storage. Everything passes unless told otherwise. */
export interface StorageProxy {
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly StorageRequest[];
  /** The limits that requests broke and were refused for, such as `TooManyProperties`. */
  readonly limits: readonly string[];
  /** Passes everything on to this account's storage. @returns the account's connection string with the proxy in it. */
  inFrontOf(connectionString: string): string;
  /** Breaks every connection, until what this returns is called. */
  refuse(): () => void;
  /**
   * Never answers the next request that matches: it is held before its effect, or after it.
   * @returns a promise that resolves when it is held.
   */
  hold(matches: (request: StorageRequest) => boolean, phase: Phase): Promise<void>;
  /** Never answers requests that match, until what this returns is called; then their connections break. */
  hang(matches: (request: StorageRequest) => boolean): () => void;
  /** Answers requests that match as if another writer had always been first, until what this returns is called. */
  contend(matches: (request: StorageRequest) => boolean): () => void;
  /** Refuses requests that match with 503 `ServerBusy`, without effect, until what this returns is called. */
  busy(matches: (request: StorageRequest) => boolean): () => void;
  /** Answers requests that match with 500 `OperationTimedOut`, after their effect, until what this returns is called. */
  timeOut(matches: (request: StorageRequest) => boolean): () => void;
  close(): Promise<void>;
}

export type Phase = 'before' | 'after';

interface Hold {
  readonly matches: (request: StorageRequest) => boolean;
  readonly phase: Phase;
  readonly held: () => void;
}

/** A merge is measured with what is stored once an entity has got so many properties by merges. */
const fewProperties = 100;

/**
 * Holds the limits that the services have and Azurite does not: the sizes of keys, properties, entities and messages.
 */
export async function startStorageProxy(service: 'Table' | 'Queue'): Promise<StorageProxy> {
  let target = new URL('http://127.0.0.1');
  const agent = new Agent({ keepAlive: true });
  const requests: StorageRequest[] = [];
  const limits: string[] = [];
  const holds = new Set<Hold>();
  const hangs = new Set<(request: StorageRequest) => boolean>();
  const contended = new Set<(request: StorageRequest) => boolean>();
  const busy = new Set<(request: StorageRequest) => boolean>();
  const timedOut = new Set<(request: StorageRequest) => boolean>();
  const hanging = new Set<IncomingMessage>();
  /** How many properties merges brought to an entity, by its URL. */
  const merged = new Map<string, number>();
  let isRefusing = false;

  /** The limit that an entity breaks once the body of a merge is part of it. Reading one is signed as a merge is. */
  async function brokenMergeLimit(incoming: IncomingMessage, body: Buffer): Promise<string | undefined> {
    const { method = '', url = '' } = incoming;
    if (service !== 'Table' || (method !== 'PATCH' && method !== 'MERGE')) return undefined;
    const added: object = JSON.parse(body.toString());
    const count = (merged.get(url) ?? 0) + Object.keys(added).length;
    merged.set(url, count);
    if (count <= fewProperties) return undefined;
    const stored = await forward({ method: 'GET', url, headers: withoutBody(incoming.headers) });
    const text = (await buffer(stored)).toString();
    if (stored.statusCode !== 200) return undefined;
    return brokenEntityLimit(Buffer.from(JSON.stringify({ ...JSON.parse(text), ...added })));
  }

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    if (isRefusing) throw new Error('storage is down');
    const { method = '', url = '' } = incoming;
    const [name = ''] = /[^/(?]+/.exec(url.slice(target.pathname.length)) ?? [];
    const asked = { method, name, text: `${decodeURIComponent(url)} ${body}` };
    requests.push(asked);
    const refuse = (status: number, code: string) => refuseWith(service, status, code, outgoing);
    const limit =
      service === 'Queue'
        ? brokenMessageLimit(body)
        : (brokenKeyLimit(asked.text) ?? brokenEntityLimit(body));
    const broken = limit ?? (await brokenMergeLimit(incoming, body));
    if (broken !== undefined) {
      limits.push(broken);
      return refuse(400, broken);
    }
    if ([...busy].some((matches) => matches(asked))) return refuse(503, 'ServerBusy');
    if ([...contended].some((matches) => matches(asked))) return refuse(412, 'UpdateConditionNotSatisfied');
    if ([...hangs].some((matches) => matches(asked))) {
      hanging.add(incoming);
      return;
    }
    const hold = [...holds].find(({ matches }) => matches(asked));
    if (hold !== undefined) holds.delete(hold);
    if (hold?.phase === 'before') return hold.held();
    const answer = await forward(incoming, body);
    const content = await buffer(answer);
    if (hold !== undefined) return hold.held();
    if ([...timedOut].some((matches) => matches(asked))) return refuse(500, 'OperationTimedOut');
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
  }

  function forward(
    { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
    body?: Buffer,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = target;
      const { host: _, ...others } = headers;
      request({ agent, hostname, port, method, path: url, headers: others }, resolve)
        .once('error', reject)
        .end(body);
    });
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    requests,
    limits,
    inFrontOf(connectionString) {
      const setting = new RegExp(`${service}Endpoint=([^;]*)`);
      target = new URL(setting.exec(connectionString)?.[1] ?? '');
      return connectionString.replace(
        setting,
        `${service}Endpoint=http://127.0.0.1:${port}${target.pathname}`,
      );
    },
    refuse() {
      isRefusing = true;
      return () => {
        isRefusing = false;
      };
    },
    hang(matches) {
      hangs.add(matches);
      return () => {
        hangs.delete(matches);
        for (const incoming of hanging) incoming.socket.destroy();
        hanging.clear();
      };
    },
    contend: (matches) => until(contended, matches),
    busy: (matches) => until(busy, matches),
    timeOut: (matches) => until(timedOut, matches),
    hold: (matches, phase) => new Promise((held) => holds.add({ matches, phase, held })),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function withoutBody({
  'content-length': _length,
  'content-type': _type,
  'if-match': _match,
  ...headers
}: IncomingMessage['headers']): IncomingMessage['headers'] {
  return headers;
}

function until<One>(those: Set<One>, one: One): () => void {
  those.add(one);
  return () => void those.delete(one);
}

/** https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2 */
function refuseWith(
  service: 'Table' | 'Queue',
  status: number,
  code: string,
  outgoing: ServerResponse,
): void {
  const [type, text] =
    service === 'Table'
      ? ['application/json', JSON.stringify({ 'odata.error': { code, message: { value: code } } })]
      : [
          'application/xml',
          `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
        ];
  outgoing.writeHead(status, { 'content-type': type, 'x-ms-error-code': code }).end(text);
}

/**
 * A message that the service refuses and Azurite takes: its text has more than 64 KiB.
 * https://learn.microsoft.com/rest/api/storageservices/put-message
 */
function brokenMessageLimit(body: Buffer): string | undefined {
  const [, text = ''] = /<MessageText>([\s\S]*)<\/MessageText>/.exec(body.toString()) ?? [];
  return Buffer.byteLength(text) > 64 * 1024 ? 'MessageTooLarge' : undefined;
}

/** The first limit that an entity of a write breaks: the body is one entity, or a batch with one in a line of each. */
function brokenEntityLimit(body: Buffer): string | undefined {
  for (const line of body.toString().split(/\r?\n/)) {
    if (!line.startsWith('{')) continue;
    // The type of a property is no property.
    const properties = Object.entries(JSON.parse(line)).filter(([name]) => !name.includes('odata.'));
    const limit = brokenLimit(Object.fromEntries(properties));
    if (limit !== undefined) return limit;
  }
  return undefined;
}

/**
 * A key that the service refuses and Azurite takes: it holds more than 1 KiB of UTF-16.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
function brokenKeyLimit(text: string): string | undefined {
  const keys = /(?:PartitionKey|RowKey)(?:='([^']*)'|":"([^"]*)")/g;
  const isTooLong = [...text.matchAll(keys)].some(([, inPath = '', inBody = '']) =>
    [inPath, inBody].some((key) => decodeURIComponent(key).length > 512),
  );
  return isTooLong ? 'KeyValueTooLarge' : undefined;
}
