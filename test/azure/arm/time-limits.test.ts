import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { afterEach, describe, expect, it } from 'vitest';
import { limitRequests } from '../../../src/azure/arm/client.ts';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { registryAdapters } from '../../../src/azure/arm/registries.ts';
import { subscriptionLister } from '../../../src/azure/arm/subscriptions.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { UncertainCallError } from '../../../src/lib/errors.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { aKey, listPorts, resourcePorts } from './ports.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** How an answer fails to come. */
const hangs = {
  'nothing is sent': () => {},
  'the head is sent and the body withheld': (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' });
    response.flushHeaders();
  },
  'a part of the body is sent': (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' });
    response.write('{"value":[');
  },
};
const kinds = Object.entries(hangs);

/** @param page what the first page has; `undefined`: the first one hangs. */
async function serveHanging(hang: (response: ServerResponse) => void, page?: unknown): Promise<string> {
  let requests = 0;
  const listening = createServer((_, response) => {
    requests += 1;
    if (page === undefined || requests > 1) return hang(response);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ value: [page], nextLink: `${urlOf(listening)}/elsewhere?page=2` }));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return urlOf(listening);
}

const urlOf = (listening: Server): string => {
  // A server that listens on a port has such an address.
  const { port } = listening.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
};

const deadlineMs = 150;
/** Far below any limit of a single request. */
const patienceMs = 3_000;

async function expectInTime(work: Promise<unknown>): Promise<void> {
  const started = performance.now();
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UncertainCallError);
  expect(error).toHaveProperty('message', expect.stringContaining('no answer in time'));
  expect(performance.now() - started).toBeLessThan(patienceMs);
}

it(
  'a call ends with the deadline where no token comes',
  async () => {
    const credential = { getToken: () => new Promise<never>(() => {}) };
    const access = { endpoint: 'https://127.0.0.1:1', audience: 'https://arm.example/.default', credential };
    const { reader } = recordSetAdapters(access);
    await Promise.all([
      expectInTime(reader.read(aKey, deadlineIn(deadlineMs))),
      expectInTime(subscriptionLister(access).list(deadlineIn(deadlineMs))),
    ]);
  },
  patienceMs,
);

describe.each(kinds)('where %s', (_, hang) => {
  it.each(listPorts)(
    'the first page of $name ends with the deadline',
    async ({ read }) => {
      await expectInTime(read(await serveHanging(hang), deadlineIn(deadlineMs)));
    },
    patienceMs,
  );

  it.each(listPorts)(
    'the second page of $name ends with the deadline',
    async ({ read, resource }) => {
      await expectInTime(read(await serveHanging(hang, resource), deadlineIn(deadlineMs)));
    },
    patienceMs,
  );

  it.each(resourcePorts)(
    'the read of $name ends with the deadline',
    async ({ read }) => {
      await expectInTime(read(await serveHanging(hang), deadlineIn(deadlineMs)));
    },
    patienceMs,
  );

  it(
    'writes end with the deadline',
    async () => {
      const access = { endpoint: await serveHanging(hang), audience: 'unused', credential: undefined };
      const { writer } = recordSetAdapters(access);
      const content = { values: ['10.1.0.4'], ttlSeconds: 60, metadata: {} };
      const observed = { ...content, key: aKey, etag: 'e', isAutoRegistered: false };
      await Promise.all([
        expectInTime(writer.create(aKey, content, deadlineIn(deadlineMs))),
        expectInTime(writer.update(observed, content, deadlineIn(deadlineMs))),
        expectInTime(writer.delete(observed, deadlineIn(deadlineMs))),
        expectInTime(
          registryAdapters(access).writer.setGlobalRouting(
            registryOf(),
            'westus',
            { enabled: false, tags: {} },
            deadlineIn(deadlineMs),
          ),
        ),
      ]);
    },
    patienceMs,
  );

  it(
    'a request that nobody waits for ends by itself',
    async () => {
      const url = await serveHanging(hang);
      const pipeline = createEmptyPipeline();
      pipeline.addPolicy(limitRequests(100));
      const request = createPipelineRequest({ url, allowInsecureConnection: true });
      await expect(pipeline.sendRequest(createDefaultHttpClient(), request)).rejects.toThrow(
        expect.objectContaining({ name: 'TimeoutError' }),
      );
      expect(request.abortSignal).toBeUndefined();
    },
    patienceMs,
  );
});
