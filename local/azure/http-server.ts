import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

export interface HttpServer {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Answers a request; `undefined` breaks its connection without an answer. */
type RequestHandler = (request: Request) => Promise<Response | undefined>;

/**
 * Serves plain http on loopback.
 * @param port 0 for any free one.
 * @throws the error of `listen`, such as `EADDRINUSE`.
 */
export async function serveHttp(port: number, handle: RequestHandler): Promise<HttpServer> {
  const listener = getRequestListener(
    async (request, { incoming }) => {
      const answer = await handle(request);
      if (answer !== undefined) return answer;
      incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  const listening = Promise.withResolvers<number>();
  server.once('error', listening.reject);
  server.listen(port, '127.0.0.1', () => listening.resolve(portOf(server)));
  const actual = await listening.promise;
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
  return address.port;
}
