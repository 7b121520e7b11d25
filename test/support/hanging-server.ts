import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';

/**
 * How an answer fails to come. A server that takes connections and never speaks is that of a TLS handshake without an
 * end, too.
 */
export const hangs = {
  'the connection is taken, and nothing is sent': () => {},
  'the head is sent, and the body withheld': (response) => {
    response.writeHead(200, head).flushHeaders();
  },
  'a part of the body is sent': (response) => {
    response.writeHead(200, head).write('{"value":[');
  },
  'the body comes in drops': (response) => {
    response.writeHead(200, head);
    const drip = setInterval(() => response.write(' '), 5);
    response.once('close', () => clearInterval(drip));
  },
} as const satisfies Readonly<Record<string, (response: ServerResponse) => void>>;

export type Hang = keyof typeof hangs;
export const everyHang = Object.keys(hangs) as readonly Hang[];

const head = { 'content-type': 'application/json', 'content-length': '4096', etag: '"1"' };

/** What the first requests are answered with; `undefined`: this one hangs. */
export type Answer = (request: IncomingMessage, url: string) => Reply | undefined;

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server on loopback that does not answer to the end. */
export interface HangingServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves once a request hangs. */
  readonly held: Promise<void>;
  /** Resolves once the client has given up a request that hangs. */
  readonly dropped: Promise<void>;
}

export async function hangingServer(hang: Hang, answer: Answer = () => undefined): Promise<HangingServer> {
  const held = Promise.withResolvers<void>();
  const dropped = Promise.withResolvers<void>();
  const listener: RequestListener = (request, response) => {
    request.resume();
    const reply = answer(request, urlOf(server));
    if (reply !== undefined)
      return void response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
    // A head alone cannot be sent by halves.
    if (request.method === 'HEAD' && hang !== 'the connection is taken, and nothing is sent')
      return void response.writeHead(200, head).end();
    response.once('close', dropped.resolve);
    hangs[hang](response);
    held.resolve();
  };
  const server = createServer(listener);
  await listen(server);
  return {
    url: urlOf(server),
    held: held.promise,
    dropped: dropped.promise,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A server that takes connections and never speaks, so that no TLS handshake ends. */
export async function mutePort(): Promise<HangingServer> {
  const held = Promise.withResolvers<void>();
  const dropped = Promise.withResolvers<void>();
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createRawServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('close', dropped.resolve).once('data', () => held.resolve());
  });
  await listen(server);
  return {
    url: urlOf(server).replace('http:', 'https:'),
    held: held.promise,
    dropped: dropped.promise,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Listening = Pick<ReturnType<typeof createRawServer>, 'listen' | 'address'>;

const listen = (server: Listening): Promise<void> =>
  new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve));

function urlOf(server: Listening): string {
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
