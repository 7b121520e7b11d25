import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

/** One answer of the app; a number is a status without a body. */
export type Scripted =
  | number
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      /** Runs before the answer goes out. */
      readonly during?: () => unknown;
    }
  /** Closes the connection without an answer. */
  | 'hangUp';

interface Question {
  readonly method: string;
  /** As it was sent. */
  readonly body: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
}

/** A loopback HTTP server that gives these answers in turn, and the last one for ever. */
export async function scriptedApp(...script: readonly Scripted[]) {
  const questions: Question[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://app');
    const next = script[Math.min(questions.length, script.length - 1)] ?? 500;
    const { method = '', headers: sent } = request;
    const query = Object.fromEntries(searchParams);
    questions.push({ method, path: pathname, query, headers: sent, body: '' });
    const index = questions.length - 1;
    questions[index] = { method, path: pathname, query, headers: sent, body: await text(request) };
    if (next === 'hangUp') return void request.socket.destroy();
    const { status, body, headers, during } = typeof next === 'number' ? { status: next } : next;
    await during?.();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    questions,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
