import { Agent, type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { Azurite } from '../local/azure/azurite.ts';

/** A proxy in front of the tables of an Azurite that counts the requests. */
export interface TableMeter {
  /** The connection string of the proxy. */
  readonly connectionString: string;
  /** The number of requests since the last call, by operation, such as `insert EvenkeelImages`. */
  take(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function meterTables({ endpoints, connectionString }: Azurite): Promise<TableMeter> {
  const target = new URL(endpoints.table);
  const agent = new Agent({ keepAlive: true });
  let counts = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const operation = operationOf(incoming);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const { method, url: path, headers } = incoming;
    const forwarded: ClientRequest = request(
      { agent, host: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.once('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
  const url = `http://127.0.0.1:${address.port}${target.pathname}`;
  return {
    connectionString: connectionString.replace(endpoints.table, url),
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'insert',
  PUT: 'put',
  PATCH: 'merge',
  MERGE: 'merge',
  DELETE: 'delete',
};

/** The name of an operation. https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api */
function operationOf({ method = '', url = '' }: IncomingMessage): string {
  const [, table = '', keys] = /^\/[^/]+\/([$\w]+)(\(PartitionKey=)?/.exec(url) ?? [];
  if (table === '$batch') return 'transaction';
  if (method === 'GET') return `${keys === undefined ? 'query' : 'read'} ${table}`;
  return `${verbs[method] ?? method} ${table}`;
}
