import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { regionalEndpoints } from '../../../src/azure/registry-endpoint/endpoint.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import type { Registry } from '../../../src/registries/registry.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const manifestHeaders = {
  'docker-content-digest': digest,
  'content-type': 'application/vnd.oci.image.manifest.v1+json; charset=utf-8',
  'content-length': '527',
};

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

/** A registry whose regional endpoint is on loopback http, below a path. */
async function endpoint(
  answer: (request: SeenRequest) => Response | undefined | Promise<Response | undefined>,
  parts: Partial<Registry> = {},
  /** Short only for what hangs: a busy machine answers late. */
  timeoutMs = 10_000,
) {
  const serving = await serveRecorded(answer);
  server = serving;
  let nowMs = Date.now();
  const endpoints = new Map([['westus', { url: `${serving.url}/base/westus`, isInsecure: true }]]);
  const ports = regionalEndpoints({
    loginServerOf: async () => {
      throw new Error('the login server was asked for');
    },
    credential: () => Promise.reject(new Error('a credential was asked for')),
    now: () => new Date(nowMs),
    timeoutMs,
  });
  const registry = registryOf({ endpoints, ...parts });
  return {
    seen: serving.seen,
    pass: (ms: number) => {
      nowMs += ms;
    },
    head: (reference = 'v1', deadline = deadlineIn(5_000)) =>
      ports.head(registry, 'westus', 'team/app', reference, deadline),
    children: (of: string) => ports.children(registry, 'westus', 'team/app', of, deadlineIn(5_000)),
    probe: (deadline = deadlineIn(5_000)) => ports.probe(registry, 'westus', deadline),
  };
}

const never = () => new Promise<Response>(() => {});

describe('a manifest at a regional endpoint', () => {
  it('is requested without its body and in every format', async () => {
    const { head, seen } = await endpoint(() => new Response(null, { headers: manifestHeaders }));
    expect(await head()).toEqual({
      kind: 'present',
      digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      sizeBytes: 527,
    });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'HEAD /base/westus/v2/team/app/manifests/v1',
    ]);
    const accept = seen[0]?.headers.get('accept');
    for (const type of ['oci.image.manifest.v1', 'oci.image.index.v1', 'manifest.v2', 'manifest.list.v2'])
      expect(accept).toContain(type);
    expect(seen[0]?.headers.has('authorization')).toBe(false);
  });

  it('is absent when the answer is 404', async () => {
    const { head } = await endpoint(() => new Response(null, { status: 404 }));
    expect(await head(digest)).toEqual({ kind: 'absent' });
  });

  it.each([
    [200, 'answered without the digest'],
    [302, 'answered 302'],
    [403, 'assign the role AcrPull'],
    [503, 'answered 503'],
  ])('is unverified when the answer is %i', async (status, reason) => {
    const { head } = await endpoint(() => new Response(null, { status, headers: { location: '/' } }));
    expect(await head()).toEqual({ kind: 'unverified', reason: expect.stringContaining(reason) });
  });

  it('is unverified when the answer has another digest', async () => {
    const { head } = await endpoint(() => new Response(null, { headers: manifestHeaders }));
    expect(await head(`sha256:${'b'.repeat(64)}`)).toMatchObject({ kind: 'unverified' });
  });

  it('is unverified over plain http when a token is required, and no token is sent', async () => {
    const { head, seen } = await endpoint(
      ({ headers }) =>
        new Response(null, {
          status: 401,
          headers: { 'www-authenticate': `Bearer realm="http://${headers.get('host')}/t",service="s"` },
        }),
    );
    expect(await head()).toEqual({
      kind: 'unverified',
      reason: 'it asks for a token, and none is sent over plain http',
    });
    expect(seen).toHaveLength(1);
  });

  it('is unverified when the connection breaks or no answer comes in time', async () => {
    const broken = await endpoint(() => undefined);
    expect(await broken.head()).toEqual({ kind: 'unverified', reason: 'no answer (ECONNRESET)' });
    await server?.close();
    const hanging = await endpoint(never, {}, 300);
    expect(await hanging.head()).toEqual({ kind: 'unverified', reason: 'no answer within 300 ms' });
    expect(await hanging.head('v1', deadlineIn(50))).toEqual({
      kind: 'unverified',
      reason: 'there was no time left to ask',
    });
  });

  it('is not requested again before the time that a throttled endpoint named', async () => {
    const { head, pass, seen } = await endpoint(
      () => new Response(null, { status: 429, headers: { 'retry-after': '30' } }),
    );
    expect(await head()).toEqual({ kind: 'throttled', retryAfterMs: 30_000 });
    pass(10_000);
    expect(await head()).toEqual({ kind: 'throttled', retryAfterMs: 20_000 });
    expect(seen).toHaveLength(1);
    pass(20_000);
    expect(await head()).toEqual({ kind: 'throttled', retryAfterMs: 30_000 });
    expect(seen).toHaveLength(2);
  });

  it('is probed all the same, because a remembered refusal may hide an outage', async () => {
    const answers = [429, 503];
    const { probe, seen } = await endpoint(
      () => new Response(null, { status: answers.shift() ?? 503, headers: { 'retry-after': '120' } }),
    );
    expect(await probe()).toEqual({ kind: 'throttled', retryAfterMs: 120_000 });
    expect(await probe()).toMatchObject({ kind: 'failing', reason: 'answered 503' });
    expect(seen).toHaveLength(2);
  });

  it('is not requested when its name could lead elsewhere', async () => {
    const { head, seen } = await endpoint(() => new Response(null));
    expect(await head('../../x')).toEqual({ kind: 'unverified', reason: 'no name of a manifest' });
    expect(seen).toHaveLength(0);
  });
});

describe('the children of an image index', () => {
  const index = JSON.stringify({ manifests: [{ digest }] });
  const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

  it('are read once', async () => {
    const { children, seen } = await endpoint(() => new Response(index));
    expect(await children(digestOf(index))).toEqual([digest]);
    expect(await children(digestOf(index))).toEqual([digest]);
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it('are unknown when the endpoint does not give the index, and are requested again', async () => {
    let status = 404;
    const { children } = await endpoint(() => new Response(index, { status }));
    expect(await children(digestOf(index))).toBeUndefined();
    status = 200;
    expect(await children(digestOf(index))).toEqual([digest]);
  });

  it('are not read from more than 4 MiB', async () => {
    const long = `${' '.repeat(4 * 1024 * 1024)}${index}`;
    const { children } = await endpoint(() => new Response(long));
    expect(await children(digestOf(long))).toBeUndefined();
  });
});

describe('a probe of a regional endpoint', () => {
  it.each([
    [200, { kind: 'alive', latencyMs: 0 }],
    [401, { kind: 'alive', latencyMs: 0 }],
    [500, { kind: 'failing', reason: 'answered 500', latencyMs: 0 }],
    [503, { kind: 'failing', reason: 'answered 503', latencyMs: 0 }],
    [403, { kind: 'unknown', reason: 'answered 403' }],
    [404, { kind: 'unknown', reason: 'answered 404' }],
  ])('with the answer %i gives %j', async (status, expected) => {
    const { probe, seen } = await endpoint(() => new Response('{}', { status }));
    expect(await probe()).toEqual(expected);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /base/westus/v2/']);
  });

  it('opens a connection of its own, as a new client would', async () => {
    const { probe, seen } = await endpoint(() => new Response('{}'));
    await probe();
    expect(seen[0]?.headers.get('connection')).toBe('close');
  });

  it('measures how long the answer took', async () => {
    const { pass, probe } = await endpoint(() => {
      pass(70);
      return new Response('{}');
    });
    expect(await probe()).toEqual({ kind: 'alive', latencyMs: 70 });
  });

  it('fails when the connection is refused or breaks, or when no answer comes in time', async () => {
    const hanging = await endpoint(never, {}, 300);
    expect(await hanging.probe()).toMatchObject({ kind: 'failing', reason: 'no answer within 300 ms' });
    await server?.close();
    expect(await hanging.probe()).toMatchObject({ kind: 'failing', reason: 'no answer (ECONNREFUSED)' });
    const broken = await endpoint(() => undefined);
    expect(await broken.probe()).toMatchObject({ kind: 'failing', reason: 'no answer (ECONNRESET)' });
  });

  it('fails when the answer breaks off', async () => {
    const { probe } = await endpoint(
      () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(8)) })),
      {},
      300,
    );
    expect(await probe()).toMatchObject({ kind: 'failing', reason: 'no answer within 300 ms' });
  });

  it('shows nothing when the invocation had no time left', async () => {
    const { probe } = await endpoint(never);
    expect(await probe(deadlineIn(50))).toEqual({ kind: 'unknown', reason: 'there was no time left to ask' });
  });

  it('makes no call when probing is off for the registry', async () => {
    const { head, probe, seen } = await endpoint(() => new Response('{}'), { probe: false });
    expect(await probe()).toEqual({ kind: 'unknown', reason: 'probe is false in REGISTRIES' });
    expect(await head()).toEqual({ kind: 'unverified', reason: 'probe is false in REGISTRIES' });
    expect(seen).toHaveLength(0);
  });
});
