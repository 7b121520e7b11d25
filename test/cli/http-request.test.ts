import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { sendHttpRequest } from '../../src/cli/http-request.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server on loopback, and the URL of it. */
async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  // A server that listens on a port has an address.
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/status?a=b%20c`);
}

const never = new AbortController().signal;
const get = { method: 'GET', headers: {}, signal: never } as const;

describe('a request to the app', () => {
  it('sends method, path, headers and body as they are', async () => {
    const url = await serve(async (request, response) => {
      const body = (await request.toArray()).join('');
      response.end(JSON.stringify([request.method, request.url, request.headers['x-functions-key'], body]));
    });
    const request = { ...get, method: 'POST', headers: { 'x-functions-key': 'k' }, body: '{"ü":1}' } as const;
    const { status, text } = await sendHttpRequest(url, request);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(['POST', '/api/status?a=b%20c', 'k', '{"ü":1}']);
  });

  it('does not follow a redirect, which would hand the key to another host', async () => {
    let count = 0;
    const url = await serve((_, response) => {
      count++;
      response.writeHead(302, { location: '/elsewhere', 'retry-after': '7' }).end('moved');
    });
    expect(await sendHttpRequest(url, get)).toEqual({ status: 302, text: 'moved', retryAfter: '7' });
    expect(count).toBe(1);
  });

  it('reads an answer that is compressed, and one with a byte order mark', async () => {
    const url = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.setHeader('content-encoding', 'gzip').end(gzipSync('\uFEFF{"ü":1}'));
    });
    expect(await sendHttpRequest(url, get)).toEqual({ status: 200, text: '{"ü":1}', retryAfter: null });
  });

  it.each<[string, RequestListener]>([
    ['is withheld', () => {}],
    ['is withheld after its first byte', (_, response) => void response.writeHead(200).write('{')],
  ])('ends with the reason of its signal while the answer %s', async (_, listener) => {
    const abort = new AbortController();
    const reason = new DOMException('too late', 'TimeoutError');
    const url = await serve((request, response) => {
      listener(request, response);
      setImmediate(() => abort.abort(reason));
    });
    await expect(sendHttpRequest(url, { ...get, signal: abort.signal })).rejects.toBe(reason);
  });

  it('fails where the connection ends in the middle of the answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('{', () => response.destroy());
    });
    await expect(sendHttpRequest(url, get)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('fails with a code where nothing listens', async () => {
    const url = await serve(() => {});
    servers.splice(0).forEach((server) => void server.close());
    await expect(sendHttpRequest(url, get)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
