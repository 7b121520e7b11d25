import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { regionalEndpoints } from '../../../src/azure/registry-endpoint/endpoint.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import type { Registry } from '../../../src/registries/registry.ts';
import type { RoleAssignmentMode } from '../../../src/registries/role-assignment-mode.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
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
  mode: RoleAssignmentMode = 'registryPermissions',
) {
  const serving = await serveRecorded(answer);
  server = serving;
  let nowMs = Date.now();
  const endpoints = new Map([['westus', { url: `${serving.url}/base/westus`, isInsecure: true }]]);
  const ports = regionalEndpoints({
    loginServerOf: async () => {
      throw new Error('the login server was asked for');
    },
    roleAssignmentModeOf: async () => mode,
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
    contents: (of: string) => ports.contents(registry, 'westus', 'team/app', of, deadlineIn(5_000)),
    confirmAbsence: () => ports.confirmAbsence(registry, 'westus', 'team/app', digest, deadlineIn(5_000)),
    hasBlob: (of = digest) => ports.hasBlob(registry, 'westus', 'team/app', of, deadlineIn(5_000)),
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
    [403, 'a proxy or a gateway on the way refuses'],
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
    expect(await head()).toEqual({ kind: 'throttled', by: 'endpoint', retryAfterMs: 30_000 });
    pass(10_000);
    expect(await head()).toEqual({ kind: 'throttled', by: 'endpoint', retryAfterMs: 20_000 });
    expect(seen).toHaveLength(1);
    pass(20_000);
    expect(await head()).toEqual({ kind: 'throttled', by: 'endpoint', retryAfterMs: 30_000 });
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

  it('is not requested for a moment after three calls without an answer, and is probed all the same', async () => {
    let answer: () => Response | Promise<Response> = never;
    const { head, pass, probe, seen } = await endpoint(() => answer(), {}, 200);
    for (const _ of [1, 2, 3]) expect(await head()).toMatchObject({ reason: 'no answer within 200 ms' });
    const paused = { kind: 'unverified', reason: expect.stringContaining('not asked for a moment') };
    expect(await head()).toEqual(paused);
    expect(seen).toHaveLength(3);
    expect(await probe()).toMatchObject({ kind: 'failing', reason: 'no answer within 200 ms' });
    answer = () => new Response(null, { headers: manifestHeaders });
    expect(await head()).toEqual(paused);
    pass(10_000);
    expect(await head()).toMatchObject({ kind: 'present' });
    expect(await head()).toMatchObject({ kind: 'present' });
  });

  it('is not requested when its name could lead elsewhere', async () => {
    const { head, seen } = await endpoint(() => new Response(null));
    expect(await head('../../x')).toEqual({ kind: 'unverified', reason: 'no name of a manifest' });
    expect(seen).toHaveLength(0);
  });
});

describe('a manifest that HEAD does not show', () => {
  const text = JSON.stringify({ schemaVersion: 2 });
  const withGet =
    (headStatus: number, get: () => Response) =>
    ({ method }: SeenRequest) =>
      method === 'HEAD' ? new Response(null, { status: headStatus }) : get();

  it.each([
    ['HEAD is not served', 405],
    ['HEAD is forbidden and GET is not', 403],
    ['the answer to HEAD brings no digest', 200],
  ])('is read with GET where %s, and its content proves the digest', async (_, headStatus) => {
    const { head, seen } = await endpoint(withGet(headStatus, () => new Response(text)));
    expect(await head(digestOf(text))).toMatchObject({ kind: 'present', digest: digestOf(text) });
    expect(await head('v1')).toMatchObject({ kind: 'present', digest: digestOf(text), sizeBytes: 19 });
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD', 'GET']);
  });

  it('is unverified where the content has another digest', async () => {
    const { head } = await endpoint(withGet(405, () => new Response(text)));
    expect(await head(digest)).toMatchObject({ kind: 'unverified' });
  });

  it('is unverified with the reason that only the body tells, and without the address in it', async () => {
    const denied = { code: 'DENIED', message: "client with IP '203.0.113.7' is not allowed access." };
    const { head } = await endpoint(withGet(403, () => Response.json({ errors: [denied] }, { status: 403 })));
    const answer = await head();
    expect(answer).toEqual({
      kind: 'unverified',
      reason: expect.stringMatching(/firewall.*private endpoint/),
    });
    expect(JSON.stringify(answer)).not.toContain('203.0.113.7');
  });

  it('is unverified with the role that a registry with repository permissions honours', async () => {
    const denied = { code: 'DENIED', message: 'requested access to the resource is denied' };
    const { head } = await endpoint(
      withGet(403, () => Response.json({ errors: [denied] }, { status: 403 })),
      {},
      10_000,
      'repositoryPermissions',
    );
    expect(await head()).toEqual({
      kind: 'unverified',
      reason: expect.stringContaining('assign the role Container Registry Repository Reader'),
    });
  });
});

describe('the absence of a manifest', () => {
  it.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])('is confirmed by a 404 with %s', async (code) => {
    const { confirmAbsence, seen } = await endpoint(() =>
      Response.json({ errors: [{ code }] }, { status: 404 }),
    );
    expect(await confirmAbsence()).toEqual({ kind: 'absent' });
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['an empty body', () => new Response(null, { status: 404 })],
    ['a page', () => new Response('<html>404 Not Found</html>', { status: 404 })],
    ['another code', () => Response.json({ errors: [{ code: 'BLOB_UNKNOWN' }] }, { status: 404 })],
  ])('is not confirmed by a 404 with %s', async (_, answer) => {
    const { confirmAbsence } = await endpoint(answer);
    expect(await confirmAbsence()).toEqual({
      kind: 'unverified',
      reason: 'answered 404, and not as a registry does',
    });
  });

  it('is refuted by the manifest', async () => {
    const { confirmAbsence } = await endpoint(
      () => new Response('x'.repeat(527), { headers: manifestHeaders }),
    );
    expect(await confirmAbsence()).toMatchObject({ kind: 'present', digest });
  });
});

describe('the contents of a manifest', () => {
  const index = JSON.stringify({ manifests: [{ digest }] });

  it('are read once', async () => {
    const { contents, seen } = await endpoint(() => new Response(index));
    expect(await contents(digestOf(index))).toEqual({ kind: 'index', children: [digest] });
    expect(await contents(digestOf(index))).toEqual({ kind: 'index', children: [digest] });
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it('are unknown when the endpoint does not give the manifest, and are requested again', async () => {
    let status = 404;
    const { contents } = await endpoint(() => new Response(index, { status }));
    expect(await contents(digestOf(index))).toBeUndefined();
    status = 200;
    expect(await contents(digestOf(index))).toEqual({ kind: 'index', children: [digest] });
  });

  it('are not read from more than 4 MiB', async () => {
    const long = `${' '.repeat(4 * 1024 * 1024)}${index}`;
    const { contents } = await endpoint(() => new Response(long));
    expect(await contents(digestOf(long))).toBeUndefined();
  });
});

describe('a blob at a regional endpoint', () => {
  const storage =
    'https://eusmanaged1.blob.core.windows.net/x//docker/registry/v2/blobs/sha256/aa/data?sig=s';

  it.each([
    ['200', () => new Response(null)],
    ['a redirect to storage', () => new Response(null, { status: 307, headers: { location: storage } })],
    [
      'a redirect to the data endpoint',
      () =>
        new Response(null, {
          status: 307,
          headers: {
            location: 'https://myregistry.westus.data.azurecr.io/x/docker/registry/v2/blobs/y/data',
          },
        }),
    ],
  ])('is there when the answer is %s, which is not followed', async (_, answer) => {
    const { hasBlob, seen } = await endpoint(answer);
    expect(await hasBlob()).toEqual({ kind: 'present' });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `HEAD /base/westus/v2/team/app/blobs/${digest}`,
    ]);
  });

  it('is absent when the answer is 404', async () => {
    const { hasBlob } = await endpoint(() => new Response(null, { status: 404 }));
    expect(await hasBlob()).toEqual({ kind: 'absent' });
  });

  it.each([
    ['503', 503, undefined],
    ['a redirect to nowhere', 307, undefined],
    ['a permanent redirect', 301, storage],
    ['a redirect to another registry', 307, `https://other.azurecr.io/v2/team/app/blobs/${digest}`],
  ])('is unverified when the answer is %s', async (_, status, location) => {
    const headers = location === undefined ? {} : { location };
    const { hasBlob } = await endpoint(() => new Response(null, { status, headers }));
    expect(await hasBlob()).toMatchObject({ kind: 'unverified' });
  });

  it('is asked for with one byte of it where HEAD is not served', async () => {
    const { hasBlob, seen } = await endpoint(({ method }) =>
      method === 'HEAD' ? new Response(null, { status: 405 }) : new Response('x', { status: 206 }),
    );
    expect(await hasBlob()).toEqual({ kind: 'present' });
    expect(seen[1]?.headers.get('range')).toBe('bytes=0-0');
  });

  it('is there when GET brings more than a byte, of which little is read', async () => {
    const { hasBlob } = await endpoint(({ method }) =>
      method === 'HEAD' ? new Response(null, { status: 405 }) : new Response('x'.repeat(1_000_000)),
    );
    expect(await hasBlob()).toEqual({ kind: 'present' });
  });

  it('is not requested when its digest could lead elsewhere', async () => {
    const { hasBlob, seen } = await endpoint(() => new Response(null));
    expect(await hasBlob('../../x')).toMatchObject({ kind: 'unverified' });
    expect(seen).toHaveLength(0);
  });
});

describe('a probe of a regional endpoint', () => {
  it.each([
    [200, { kind: 'alive', latencyMs: 0 }],
    [401, { kind: 'alive', latencyMs: 0 }],
    [500, { kind: 'failing', reason: 'answered 500', latencyMs: 0 }],
    [503, { kind: 'failing', reason: 'answered 503', latencyMs: 0 }],
    [403, { kind: 'unknown', reason: expect.stringContaining('answered 403'), hasAnswered: true }],
    [404, { kind: 'unknown', reason: 'answered 404', hasAnswered: true }],
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
