import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { regionalEndpoints } from '../../../src/azure/registry-endpoint/endpoint.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { jwt } from './jwt.ts';

interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** A connection that breaks, or a name that does not resolve. */
  readonly code?: string;
}

const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const layer = digestOf('layer');
const config = digestOf('config');
const manifest = JSON.stringify({
  config: { digest: config },
  layers: [{ digest: digestOf('foreign'), urls: ['https://elsewhere.example/'] }, { digest: layer }],
});
const index = JSON.stringify({ manifests: [{ digest: digestOf(manifest) }] });

const host = (region: string) => `myregistry.${region}.geo.azurecr.io`;
const data = 'https://myregistry.westus.data.azurecr.io/blob?sig=secret';
const token = jwt({ exp: Math.floor(Date.now() / 1000) + 3_600 });

/** A registry that asks for tokens, whose hosts answer as `answers` say, by the beginning of `METHOD host/path`. */
function registryThat(answers: Readonly<Record<string, Told>>) {
  const seen: PipelineRequest[] = [];
  const usual: Readonly<Record<string, Told>> = Object.assign(
    {},
    ...['eastus', 'westus'].map((region) => ({
      [`POST ${host(region)}/oauth2/exchange`]: { body: JSON.stringify({ refresh_token: token }) },
      [`POST ${host(region)}/oauth2/token`]: { body: JSON.stringify({ access_token: token }) },
      [`GET ${host(region)}/v2/team/app/manifests/v1`]: { body: manifest },
      [`GET ${host(region)}/v2/team/app/blobs/${layer}`]: { status: 307, headers: { location: data } },
    })),
    { 'GET myregistry.westus.data.azurecr.io/': { status: 206, body: 'x'.repeat(1024) } },
  );
  const httpClient: HttpClient = {
    async sendRequest(request) {
      seen.push(request);
      const { host: at, pathname } = new URL(request.url);
      const call = `${request.method} ${at}${pathname}`;
      const isBare =
        at.includes('.geo.') && request.method === 'GET' && !request.headers.has('authorization');
      const challenge = {
        'www-authenticate': `Bearer realm="https://${at}/oauth2/token",service="myregistry.azurecr.io"`,
      };
      const found = [...Object.entries(answers), ...Object.entries(usual)].find(([start]) =>
        call.startsWith(start),
      )?.[1];
      const told: Told =
        isBare && found?.code === undefined
          ? { status: 401, headers: challenge }
          : (found ?? { status: 404 });
      if (told.code !== undefined) throw new RestError('broken', { code: told.code });
      const { status = 200, headers = {}, body = '' } = told;
      const readableStreamBody = typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body;
      return { request, status, headers: createHttpHeaders(headers), readableStreamBody };
    },
  };
  const ports = regionalEndpoints({
    loginServerOf: async () => 'myregistry.azurecr.io',
    roleAssignmentModeOf: async () => 'registryPermissions',
    credential: async () => ({ getToken: async () => ({ token: 'of Entra ID', expiresOnTimestamp: 0 }) }),
    now: () => new Date(),
    httpClient,
  });
  const registry = registryOf({ probe: 'pull' });
  return {
    seen,
    callsTo: (part: string) => seen.filter(({ url }) => url.includes(part)),
    pull: (region = 'westus', reference = 'v1') =>
      ports.pull(registry, region, { repository: 'team/app', reference, regions: 'all' }, deadlineIn(10_000)),
  };
}

const at = (region: string, path: string) => `GET ${host(region)}/v2/team/app/${path}`;

describe('a pull from a regional endpoint', () => {
  it('takes the manifest and the first bytes of a layer that the registry serves, the token to the registry alone', async () => {
    const { pull, seen, callsTo } = registryThat({});
    expect(await pull()).toEqual({ kind: 'served', latencyMs: expect.any(Number) });
    const [bytes, ...others] = callsTo('.data.');
    expect(others).toEqual([]);
    expect(bytes?.headers.get('range')).toBe('bytes=0-1023');
    expect(bytes?.headers.get('authorization')).toBeUndefined();
    // The challenge and its answer, the manifest once more, and the layer.
    expect(seen.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'GET /v2/team/app/manifests/v1',
      'POST /oauth2/exchange',
      'POST /oauth2/token',
      'GET /v2/team/app/manifests/v1',
      `GET /v2/team/app/blobs/${layer}`,
      'GET /blob',
    ]);
  });

  it('goes through an index to its first image', async () => {
    const { pull } = registryThat({
      [at('westus', 'manifests/v2')]: { body: index },
      [at('westus', `manifests/${digestOf(manifest)}`)]: { body: manifest },
    });
    expect(await pull('westus', 'v2')).toMatchObject({ kind: 'served' });
  });

  it('reads no more of a layer than it asked for by far, whatever the host sends', async () => {
    let sent = 0;
    const endless = new Readable({
      highWaterMark: 1024,
      read() {
        sent += 1;
        this.push(Buffer.alloc(1024));
      },
    });
    const { pull } = registryThat({ 'GET myregistry.westus.data.azurecr.io/': { body: endless } });
    expect(await pull()).toMatchObject({ kind: 'served' });
    expect(endless.destroyed).toBe(true);
    expect(sent).toBeLessThan(30);
  });

  it.each<[string, Readonly<Record<string, Told>>, object]>([
    [
      'a manifest with 500',
      { [at('westus', 'manifests/')]: { status: 500 } },
      { kind: 'failing', step: 'manifest' },
    ],
    [
      'a broken connection',
      { [at('westus', 'blobs/')]: { code: 'ECONNRESET' } },
      { kind: 'failing', step: 'layer' },
    ],
    [
      'a data host that breaks',
      { 'GET myregistry.westus.data': { code: 'ECONNREFUSED' } },
      { kind: 'failing', step: 'layer' },
    ],
    [
      'a data host with 503',
      { 'GET myregistry.westus.data': { status: 503 } },
      { kind: 'failing', step: 'layer' },
    ],
    [
      'a data host with 403',
      { 'GET myregistry.westus.data': { status: 403 } },
      { kind: 'refused', step: 'layer', status: 403 },
    ],
    ['a data host with 429', { 'GET myregistry.westus.data': { status: 429 } }, { kind: 'throttled' }],
    [
      'a data host without a name',
      { 'GET myregistry.westus.data': { code: 'ENOTFOUND' } },
      { kind: 'unknown' },
    ],
    [
      'a layer with 404',
      { [at('westus', 'blobs/')]: { status: 404 } },
      { kind: 'refused', step: 'layer', status: 404 },
    ],
    ['a manifest with 429', { [at('westus', 'manifests/')]: { status: 429 } }, { kind: 'throttled' }],
    ['an endpoint without a name', { [`GET ${host('westus')}`]: { code: 'ENOTFOUND' } }, { kind: 'unknown' }],
    ['a layer without bytes', { 'GET myregistry.westus.data': { status: 200 } }, { kind: 'unknown' }],
    ['a manifest that is none', { [at('westus', 'manifests/')]: { body: '{}' } }, { kind: 'unknown' }],
    [
      'a token service with 503',
      { [`POST ${host('westus')}/oauth2/token`]: { status: 503 } },
      { kind: 'failing', step: 'token' },
    ],
    [
      'a token service with 403',
      { [`POST ${host('westus')}/oauth2/exchange`]: { status: 403 } },
      { kind: 'refused', step: 'token', status: 403 },
    ],
    [
      'a token service with 429',
      { [`POST ${host('westus')}/oauth2/token`]: { status: 429 } },
      { kind: 'throttled' },
    ],
  ])('knows %s', async (_, answers, expected) => {
    expect(await registryThat(answers).pull()).toMatchObject(expected);
  });

  it.each([
    'http://myregistry.westus.data.azurecr.io/blob',
    'http://127.0.0.1/blob',
    'file:///etc/passwd',
    `https://elsewhere.example/v2/team/app/blobs/${layer}`,
  ])('is not followed to %s', async (location) => {
    const { pull, callsTo } = registryThat({
      [at('westus', 'blobs/')]: { status: 307, headers: { location } },
    });
    expect(await pull()).toMatchObject({ kind: 'unknown' });
    expect(callsTo(location)).toEqual([]);
  });

  it('is sent whatever an earlier one was told to wait, and shares its token with other regions', async () => {
    const { pull, seen, callsTo } = registryThat({
      [at('eastus', 'manifests/')]: { status: 429, headers: { 'retry-after': '3600' } },
    });
    expect(await pull('eastus')).toMatchObject({ kind: 'throttled' });
    const before = seen.length;
    expect(await pull('eastus')).toMatchObject({ kind: 'throttled' });
    expect(seen.length).toBeGreaterThan(before);
    await pull('westus');
    expect(callsTo('/oauth2/').length).toBe(2);
  });

  it.each([429, 503, 403])('goes on where the token service of another region answers %i', async (status) => {
    const { pull } = registryThat({ [`POST ${host('eastus')}/oauth2/exchange`]: { status } });
    const [east, west] = await Promise.all([pull('eastus'), pull('westus')]);
    expect(east.kind).not.toBe('served');
    expect(west.kind).toBe('served');
  });
});
