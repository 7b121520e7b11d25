import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';

const image = { registry: 'myregistry', repository: 'team/app', tag: 'v1' };
const manifest = '/v2/team/app/manifests/v1';

describe('the regional endpoint of a replica', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 1_000] } });
  });
  afterEach(() => azure.close());

  const ask = (method: string, region: string, path: string, init: RequestInit = {}) =>
    fetch(`${azure.registries.endpoint('myregistry', region)}${path}`, { method, ...init });

  it('says that it is alive', async () => {
    expect((await ask('GET', 'westus', '/v2/')).status).toBe(200);
    expect((await ask('GET', 'westus', '/v2')).status).toBe(200);
  });

  it('shows a manifest by tag and by digest, byte for byte what the digest is of', async () => {
    const digest = azure.registries.push({ ...image, platforms: ['linux/amd64', 'linux/arm64/v8'] });
    const found = await ask('GET', 'eastus', manifest);
    const text = await found.text();
    expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(digest);
    expect(JSON.parse(text)).toMatchObject({
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { platform: { os: 'linux', architecture: 'amd64' } },
        { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      ],
    });
    const asked = await ask('HEAD', 'eastus', `/v2/team/app/manifests/${digest}`);
    expect([asked.status, await asked.text()]).toEqual([200, '']);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'docker-content-digest': digest,
      'content-type': 'application/vnd.oci.image.index.v1+json',
      'content-length': String(Buffer.byteLength(text)),
    });
  });

  it('knows the images of its own region only', async () => {
    azure.registries.push(image);
    const absent = await ask('GET', 'westus', manifest);
    expect([absent.status, await absent.json()]).toMatchObject([
      404,
      { errors: [{ code: 'MANIFEST_UNKNOWN' }] },
    ]);
    expect((await ask('HEAD', 'westus', manifest)).status).toBe(404);
    await clock.advance(1_000);
    expect((await ask('HEAD', 'westus', manifest)).status).toBe(200);
  });

  it('does not know regions without a replica', async () => {
    expect((await ask('GET', 'japaneast', '/v2/')).status).toBe(404);
  });

  it('leaves its requests in the log', async () => {
    await ask('GET', 'westus', '/v2/');
    await ask('HEAD', 'westus', manifest);
    await ask('GET', 'westus', manifest);
    expect(azure.requests.totals()).toEqual({
      RegistryEndpoint_Ping: 1,
      Manifests_Head: 1,
      Manifests_Get: 1,
    });
  });

  it('meets faults, in the words of registries', async () => {
    azure.faults.add({ match: 'Manifests_Get', kind: 'status', status: 429, retryAfterSeconds: 7 });
    const answer = await ask('GET', 'westus', manifest);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      429,
      '7',
      { errors: [{ message: expect.any(String) }] },
    ]);
  });

  it.each([
    ['refuses', { status: 503 }, 503],
    ['throttles', { status: 429, retryAfterSeconds: 30 }, 429],
    ['breaks connections', { refuse: true } as const, undefined],
  ])('%s in one region until it is restored', async (_what, condition, status) => {
    azure.registries.degrade('myregistry', 'West US', { hang: true });
    azure.registries.degrade('myregistry', 'westus', condition);
    const statusOf = (region: string) =>
      ask('GET', region, '/v2/').then(
        (answer) => answer.status,
        () => undefined,
      );
    expect([await statusOf('westus'), await statusOf('westeurope')]).toEqual([status, 200]);
    azure.registries.restore('myregistry', 'westus');
    expect(await statusOf('westus')).toBe(200);
  });

  it('hangs, or answers late by the clock', async () => {
    azure.registries.degrade('myregistry', 'westus', { hang: true });
    const arrived = new Promise<void>((resolve) => azure.onRequest(() => resolve()));
    const abort = new AbortController();
    const hanging = ask('GET', 'westus', '/v2/', { signal: abort.signal });
    await arrived;
    await clock.advance(3_600_000);
    abort.abort();
    await expect(hanging).rejects.toThrow('abort');
    azure.registries.degrade('myregistry', 'westus', { latencyMs: 2_000 });
    // The hook runs before the delay, which is there once the clock has another sleeper.
    const late = ask('GET', 'westus', '/v2/');
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(2_000);
    expect((await late).status).toBe(200);
  });

  describe('that wants a token', () => {
    const post = (url: string, fields: Record<string, string>) =>
      fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
    const service = 'myregistry.azurecr.io';

    const bearer = async (root: string, scope: string) => {
      const exchanged = await post(`${root}/oauth2/exchange`, {
        grant_type: 'access_token',
        service,
        tenant: 't',
        access_token: 'any',
      });
      const { refresh_token } = v.parse(v.object({ refresh_token: v.string() }), await exchanged.json());
      const got = await post(`${root}/oauth2/token`, {
        grant_type: 'refresh_token',
        service,
        scope,
        refresh_token,
      });
      const { access_token } = v.parse(v.object({ access_token: v.string() }), await got.json());
      return { refresh_token, access_token };
    };
    const authorized = (path: string, token: string, method = 'GET') =>
      ask(method, 'westus', path, { headers: { authorization: `Bearer ${token}` } });

    beforeEach(() => azure.registries.change({ requireToken: true }));

    it('challenges, with a scope where a repository is asked for', async () => {
      const alive = await ask('GET', 'westus', '/v2/');
      const challenge = `Bearer realm="${azure.armEndpoint}/oauth2/token",service="${service}"`;
      expect([alive.status, alive.headers.get('www-authenticate'), await alive.json()]).toMatchObject([
        401,
        challenge,
        { errors: [{ code: 'UNAUTHORIZED' }] },
      ]);
      const asked = await ask('HEAD', 'westus', manifest);
      expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([
        401,
        `${challenge},scope="repository:team/app:pull"`,
      ]);
    });

    it.each(['', '/registry-endpoints/myregistry/westus'])('gives tokens out below "%s"', async (root) => {
      azure.registries.push({ ...image, region: 'westus' });
      const scope = 'repository:team/app:pull';
      const { refresh_token, access_token } = await bearer(`${azure.armEndpoint}${root}`, scope);
      const [, payload = ''] = refresh_token.split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
        exp: expect.any(Number),
      });
      expect((await authorized(manifest, access_token, 'HEAD')).status).toBe(200);
      expect((await authorized('/v2/', access_token)).status).toBe(200);
      expect((await authorized('/v2/other/manifests/v1', access_token)).status).toBe(401);
      expect((await authorized('/v2/', refresh_token)).status).toBe(401);
      await clock.advance(75 * 60_000);
      expect((await authorized(manifest, access_token)).status).toBe(401);
    });

    it.each([
      ['exchange', { grant_type: 'access_token', service }, 400],
      ['exchange', { grant_type: 'access_token', service: 'other.azurecr.io', access_token: 'a' }, 400],
      ['token', { grant_type: 'refresh_token', service, scope: 's', refresh_token: 'a.b.c' }, 401],
      ['token', { grant_type: 'password', service, scope: 's', refresh_token: 'a.b.c' }, 400],
    ])('refuses at /oauth2/%s %j', async (path, fields, status) => {
      const answer = await post(`${azure.armEndpoint}/oauth2/${path}`, fields);
      expect([answer.status, await answer.json()]).toMatchObject([
        status,
        { errors: [{ code: expect.any(String) }] },
      ]);
    });
  });
});
