import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createMuteServer } from 'node:net';
import { createHttpHeaders, createPipelineRequest, isRestError } from '@azure/core-rest-pipeline';
import { afterEach, expect, it } from 'vitest';
import { frequentHttpClient, loadDispatch } from '../../src/azure/http-client.ts';

const dispatch = await loadDispatch();
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const serving = createServer(answer);
  server = serving;
  await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = serving.address() as AddressInfo;
  return `http://127.0.0.1:${port}/a%20b?c=d`;
}

type Options = Omit<Parameters<typeof createPipelineRequest>[0], 'url'>;

const requestTo = (url: string, options: Options = {}) =>
  createPipelineRequest({ url, allowInsecureConnection: true, ...options });

/** A client that has loaded its agent. */
async function loadedClient() {
  const client = frequentHttpClient(async () => dispatch, 1);
  const url = await serve((_, response) => void response.end());
  await client.sendRequest(requestTo(url));
  server?.closeAllConnections();
  server?.close();
  return client;
}

it('sends what it is given and answers with what it gets', async () => {
  const client = await loadedClient();
  const url = await serve(async (request, response) => {
    const sent = (await request.toArray()).join('');
    const { method, url: path, headers } = request;
    response.writeHead(409, { 'x-two': ['1', '2'], etag: '"e"' });
    const answer = Buffer.from(
      JSON.stringify([method, path, headers['x-one'], headers['accept-encoding'], sent]),
    );
    // In the middle of a character.
    response.write(answer.subarray(0, -3));
    response.end(answer.subarray(-3));
  });
  const headers = createHttpHeaders({ 'X-One': '1', 'accept-encoding': 'gzip' });
  const answer = await client.sendRequest(requestTo(url, { method: 'PUT', body: 'ü', headers }));
  expect(answer.status).toBe(409);
  expect(answer.headers.get('X-Two')).toBe('1, 2');
  expect(answer.headers.get('etag')).toBe('"e"');
  expect(JSON.parse(answer.bodyAsText ?? '')).toEqual(['PUT', '/a%20b?c=d', '1', 'identity', 'ü']);
});

it.each<[string, string, (response: ServerResponse) => void]>([
  ['before its answer', 'ECONNRESET', (response) => response.destroy()],
  [
    'in the middle of its answer',
    'PARSE_ERROR',
    (response) => void response.writeHead(200).write('[', () => response.destroy()),
  ],
])('names a connection that broke %s %s, as the usual client does', async (_, code, breakOff) => {
  const client = await loadedClient();
  const url = await serve((__, response) => breakOff(response));
  const usual = frequentHttpClient(() => Promise.reject(new Error('not to be had')));
  for (const one of [client, usual]) {
    const error = await one.sendRequest(requestTo(url)).catch((reason: unknown) => reason);
    expect(isRestError(error) && error.code).toBe(code);
  }
});

it.each(['no answer', 'the rest of an answer'])(
  'ends the wait for %s when its signal aborts',
  async (what) => {
    const client = await loadedClient();
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      request.socket.once('close', closed.resolve);
      if (what === 'no answer') controller.abort();
      else response.writeHead(200).write('[', () => controller.abort());
    });
    const sending = client.sendRequest(requestTo(url, { abortSignal: controller.signal }));
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    await closed.promise;
  },
);

it('gives up a connection that is not made yet when its signal aborts', async () => {
  const client = await loadedClient();
  const controller = new AbortController();
  const closed = Promise.withResolvers<void>();
  // A server that never answers the TLS handshake.
  const mute = createMuteServer((socket) => {
    socket.once('close', () => closed.resolve()).resume();
    controller.abort();
  });
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}/`;
  const sending = client.sendRequest(requestTo(url, { abortSignal: controller.signal }));
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  await closed.promise;
  mute.close();
});

it('sends nothing when its signal has aborted', async () => {
  const client = await loadedClient();
  let seen = 0;
  const url = await serve((_, response) => {
    seen++;
    response.end();
  });
  const sending = client.sendRequest(requestTo(url, { abortSignal: AbortSignal.abort() }));
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  await client.sendRequest(requestTo(url));
  expect(seen).toBe(1);
});

it('refuses plain http that was not allowed', async () => {
  const client = await loadedClient();
  let seen = 0;
  const url = await serve((_, response) => {
    seen++;
    response.end();
  });
  const sending = client.sendRequest(requestTo(url, { allowInsecureConnection: false }));
  await expect(sending).rejects.toThrow('allowInsecureConnection');
  expect(seen).toBe(0);
});

it.each([
  ['sends what a generated client asks', [], 'identity'],
  ['leaves what is answered by a stream to the usual client', [200], 'gzip'],
])('%s', async (_, streams, expected) => {
  const client = await loadedClient();
  const seen: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers['accept-encoding']?.toString());
    response.end();
  });
  const headers = createHttpHeaders({ 'accept-encoding': 'gzip' });
  await client.sendRequest(requestTo(url, { headers, streamResponseStatusCodes: new Set(streams) }));
  expect(seen).toEqual([expected]);
});

it('loads its agent once, when it has been asked often, and does without it when that fails', async () => {
  let loads = 0;
  const client = frequentHttpClient(() => {
    loads++;
    return Promise.reject(new Error('not to be had'));
  }, 3);
  const url = await serve((_, response) => void response.end('[]'));
  const loadsAfter: number[] = [];
  for (let sent = 1; sent <= 5; sent++) {
    expect((await client.sendRequest(requestTo(url))).bodyAsText).toBe('[]');
    loadsAfter.push(loads);
  }
  expect(loadsAfter).toEqual([0, 0, 1, 1, 1]);
});
