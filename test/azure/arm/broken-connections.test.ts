import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { aKey } from './ports.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Breaks so many connections, and answers that there is no such record set after them. */
async function breaking(times: number) {
  const methods: (string | undefined)[] = [];
  server = createServer((request, response) => {
    methods.push(request.method);
    if (methods.length <= times) {
      request.socket.destroy();
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 'NotFound', message: 'The resource record was not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const access = { endpoint: `http://127.0.0.1:${port}`, audience: '', credential: undefined };
  return { methods, ...recordSetAdapters(access) };
}

it('a read whose connection breaks is sent once more', async () => {
  const { reader, methods } = await breaking(1);
  expect(await reader.read(aKey, deadlineIn(5_000))).toBeUndefined();
  expect(methods).toEqual(['GET', 'GET']);
});

it('a read whose connection breaks twice fails', async () => {
  const { reader, methods } = await breaking(2);
  await expect(reader.read(aKey, deadlineIn(5_000))).rejects.toThrow();
  expect(methods).toEqual(['GET', 'GET']);
});

it('a write whose connection breaks is not repeated, because it may have taken effect', async () => {
  const { writer, methods } = await breaking(1);
  const content = { values: ['10.1.0.4'], ttlSeconds: 30, metadata: {} };
  await expect(writer.create(aKey, content, deadlineIn(5_000))).rejects.toThrow();
  expect(methods).toEqual(['PUT']);
});
