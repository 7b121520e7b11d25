import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

import type { Certificate } from './certificate.ts';

export interface HttpServer {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Answers a request; `undefined` breaks its connection without an answer. */
type RequestHandler = (request: Request) => Promise<Response | undefined>;

/**
 * Serves http on loopback.
 * @param port 0 for any free one.
 * @param certificate With one it is https; plain http without.
 * @throws the error of `listen`, such as `EADDRINUSE`.
 */
export async function serveHttp(
  port: number,
  handle: RequestHandler,
  certificate?: Certificate,
): Promise<HttpServer> {
  const listener = getRequestListener(
    async (request, { incoming }) => {
      const answer = await handle(request);
      if (answer !== undefined) return answer;
      incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false },
  );
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void listener(incoming, outgoing);
  const server =
    certificate === undefined ? createServer(onRequest) : createSecureServer(certificate, onRequest);
  const listening = Promise.withResolvers<number>();
  server.once('error', listening.reject);
  server.listen(port, '127.0.0.1', () => listening.resolve(portOf(server)));
  const actual = await listening.promise;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${actual}`,
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
