import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { startReceiver } from '../web-hook-receiver.ts';

const registry = 'myregistry';
const repository = 'team/app';
const image = { registry, repository, tag: 'v1' };
const platforms = ['linux/amd64', 'linux/arm64/v8'];

const hashOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('the blobs of a registry', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 100] } });
  });
  afterEach(() => azure.close());

  const ask = (method: string, region: string, path: string, init: RequestInit = {}) =>
    fetch(`${azure.registries.endpoint(registry, region)}/v2/${repository}/${path}`, { method, ...init });
  const askBlob = (method: string, region: string, digest: string, init?: RequestInit) =>
    ask(method, region, `blobs/${digest}`, init);
  const statusOf = async (region: string, digest: string) => (await askBlob('HEAD', region, digest)).status;
  const parts = (digest: string) => azure.registries.partsOf(registry, repository, digest);
  const arrive = () => clock.advance(100);

  it('are what manifests say: media type, size, and the hash of the bytes that are served', async () => {
    const digest = azure.registries.push(image);
    const manifest = JSON.parse(await (await ask('GET', 'eastus', 'manifests/v1')).text());
    const { config, layers } = parts(digest);
    expect([manifest.config.digest, manifest.layers.map((one: { digest: string }) => one.digest)]).toEqual([
      config,
      layers,
    ]);
    expect(layers).toHaveLength(2);
    for (const { digest: blob, size } of [manifest.config, ...manifest.layers]) {
      const bytes = await (await askBlob('GET', 'eastus', blob)).bytes();
      expect([bytes.byteLength, hashOf(bytes)]).toEqual([size, blob]);
    }
  });

  it('of an index belong to its platforms, and a config names the platform', async () => {
    const digest = azure.registries.push({ ...image, platforms, layers: 3 });
    const { config, layers, children } = parts(digest);
    expect([config, layers, children.map(({ platform }) => platform)]).toEqual([undefined, [], platforms]);
    expect(children.map((child) => child.layers.length)).toEqual([3, 3]);
    const [, arm] = children;
    const answer = await askBlob('GET', 'eastus', arm?.config ?? '');
    expect(await answer.json()).toMatchObject({
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      rootfs: { diff_ids: arm?.layers },
    });
  });

  it('answer HEAD with their size and digest, or by the redirect when told so', async () => {
    const { layers } = parts(azure.registries.push(image));
    const [layer = ''] = layers;
    const asked = await askBlob('HEAD', 'eastus', layer);
    expect([asked.status, asked.headers.get('docker-content-digest')]).toEqual([200, layer]);
    expect(Number(asked.headers.get('content-length'))).toBeGreaterThan(500);
    azure.registries.change({ blobHead: 'redirect' });
    const redirected = await askBlob('HEAD', 'eastus', layer, { redirect: 'manual' });
    expect([redirected.status, redirected.headers.has('location')]).toEqual([307, true]);
    expect((await askBlob('HEAD', 'eastus', layer)).status).toBe(200);
  });

  it('answer GET with a redirect to another host, which serves ranges', async () => {
    const [layer = ''] = parts(azure.registries.push(image)).layers;
    const redirected = await askBlob('GET', 'eastus', layer, { redirect: 'manual' });
    const location = redirected.headers.get('location') ?? '';
    expect([redirected.status, new URL(location).host === new URL(azure.armEndpoint).host]).toEqual([
      307,
      false,
    ]);
    const whole = await (await fetch(location)).bytes();
    const range = async (value: string) => {
      const answer = await askBlob('GET', 'eastus', layer, { headers: { range: value } });
      return [answer.status, answer.headers.get('content-range'), (await answer.bytes()).byteLength];
    };
    const size = whole.byteLength;
    expect(await range('bytes=0-0')).toEqual([206, `bytes 0-0/${size}`, 1]);
    expect(await range('bytes=10-')).toEqual([206, `bytes 10-${size - 1}/${size}`, size - 10]);
    expect(await range('bytes=0-999999')).toEqual([206, `bytes 0-${size - 1}/${size}`, size]);
    expect((await range(`bytes=${size}-`)).slice(0, 2)).toEqual([416, `bytes */${size}`]);
    expect(await range('bytes=-5')).toEqual([200, null, size]);
    const ranged = await fetch(location, { headers: { range: 'bytes=3-5' } });
    expect(await ranged.bytes()).toEqual(whole.slice(3, 6));
  });

  it('can be answered by the endpoint itself', async () => {
    azure.registries.change({ blobGet: 'answer' });
    const [layer = ''] = parts(azure.registries.push(image)).layers;
    const answer = await askBlob('GET', 'eastus', layer, {
      headers: { range: 'bytes=0-3' },
      redirect: 'error',
    });
    expect([answer.status, (await answer.bytes()).byteLength]).toEqual([206, 4]);
  });

  it('are served only at a signed address that has not expired, and without another credential', async () => {
    const [layer = '', other = ''] = parts(azure.registries.push(image)).layers;
    const redirected = await askBlob('GET', 'eastus', layer, { redirect: 'manual' });
    const location = redirected.headers.get('location') ?? '';
    const codeOf = async (url: string, headers = {}) => {
      const answer = await fetch(url, { headers });
      return [answer.status, answer.headers.get('x-ms-error-code')];
    };
    expect(await codeOf(location)).toEqual([200, null]);
    expect(await codeOf(location, { authorization: 'Bearer a' })).toEqual([400, 'InvalidAuthenticationInfo']);
    expect(await codeOf(location.replace(layer, other))).toEqual([403, 'AuthenticationFailed']);
    expect(await codeOf(location.replace(/\?.*/, ''))).toEqual([403, 'AuthenticationFailed']);
    const { pathname, search } = new URL(location);
    expect((await fetch(`${azure.armEndpoint}/registry-data${pathname}${search}`)).status).toBe(404);
    await clock.advance(20 * 60_000);
    expect(await codeOf(location)).toEqual([403, 'AuthenticationFailed']);
  });

  it('come and go with the manifests that need them, in each region', async () => {
    const digest = azure.registries.push(image);
    const { config = '' } = parts(digest);
    expect([await statusOf('eastus', config), await statusOf('westus', config)]).toEqual([200, 404]);
    await arrive();
    expect(await statusOf('westus', config)).toBe(200);
    azure.registries.delete({ ...image, digest });
    expect([await statusOf('eastus', config), await statusOf('westus', config)]).toEqual([404, 200]);
    await arrive();
    expect(await statusOf('westus', config)).toBe(404);
    azure.registries.push({ ...image, digest });
    expect(await statusOf('eastus', config)).toBe(200);
  });

  it('are unknown by the words of registries', async () => {
    const refused = async (digest: string) => {
      const answer = await askBlob('GET', 'eastus', digest);
      return [answer.status, await answer.json()];
    };
    expect(await refused(`sha256:${'0'.repeat(64)}`)).toMatchObject([
      404,
      { errors: [{ code: 'BLOB_UNKNOWN' }] },
    ]);
    expect(await refused('v1')).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }]);
    const elsewhere = parts(azure.registries.push(image)).config ?? '';
    const other = `${azure.registries.endpoint(registry, 'eastus')}/v2/other/app/blobs/${elsewhere}`;
    expect((await fetch(other)).status).toBe(404);
  });

  describe('that are missing in one region', () => {
    const missingOf = (region: string, digests: readonly (string | undefined)[]) =>
      Promise.all(digests.map(async (one) => [one, await statusOf(region, one ?? '')] as const)).then(
        (found) => found.flatMap(([one, status]) => (status === 200 ? [] : [one])),
      );

    it.each([
      ['config', {}, 'config'],
      ['first layer', {}, 'layer'],
      ['second layer', { layer: 2 }, 'layer'],
    ] as const)('leave out the %s of an image, whose manifest is there', async (what, which, part) => {
      const digest = azure.registries.push({ ...image, missing: [{ region: 'West US', part, ...which }] });
      await arrive();
      const { config, layers } = parts(digest);
      const expected = what === 'config' ? config : layers[what === 'second layer' ? 1 : 0];
      expect(await missingOf('westus', [config, ...layers])).toEqual([expected]);
      expect(await missingOf('westeurope', [config, ...layers])).toEqual([]);
      expect(azure.registries.holds(registry, 'westus', 'team/app:v1')).toBe(true);
      azure.registries.repair(registry, 'westus');
      expect(await missingOf('westus', [config, ...layers])).toEqual([]);
    });

    it('leave out the layer of one platform of an index', async () => {
      const missing = [{ region: 'westus', part: 'layer', platform: 'linux/arm64/v8' }] as const;
      const digest = azure.registries.push({ ...image, platforms, missing });
      await arrive();
      const [amd, arm] = parts(digest).children;
      expect(await missingOf('westus', [...(amd?.layers ?? []), ...(arm?.layers ?? [])])).toEqual([
        arm?.layers[0],
      ]);
      expect(azure.registries.holds(registry, 'westus', `${repository}@${arm?.digest}`)).toBe(true);
    });

    it('and so is the manifest of a platform, with its notice, until it is repaired', async () => {
      const receiver = await startReceiver();
      azure.registries.putWebhook(registry, 'hook', 'westus', {
        serviceUri: receiver.url,
        actions: ['push'],
      });
      const missing = [{ region: 'westus', part: 'manifest', platform: 'linux/amd64' }] as const;
      const digest = azure.registries.push({ ...image, platforms, missing });
      await arrive();
      await azure.registries.idle({ dueWithinMs: 0 });
      const [amd, arm] = parts(digest).children;
      const told = () =>
        receiver.deliveries.flatMap(({ events }) => events.map(({ target }) => Object(target).digest));
      expect(told().toSorted()).toEqual([digest, arm?.digest].toSorted());
      expect(azure.registries.holds(registry, 'westus', `${repository}@${amd?.digest}`)).toBe(false);
      azure.registries.repair(registry, 'westus', { repository, digest: amd?.digest ?? '' });
      await azure.registries.idle({ dueWithinMs: 0 });
      await receiver.close();
      expect(told().toSorted()).toEqual([digest, arm?.digest, amd?.digest].toSorted());
      expect(azure.registries.holds(registry, 'westus', `${repository}@${amd?.digest}`)).toBe(true);
    });

    it('come by another push of the image to that region', async () => {
      const missing = (['manifest', 'layer'] as const).map((part, at) => ({
        region: 'westus',
        part,
        platform: platforms[at],
      }));
      const digest = azure.registries.push({ ...image, platforms, missing });
      await arrive();
      azure.registries.push({ ...image, digest, region: 'westus' });
      const { children } = parts(digest);
      expect(
        await missingOf(
          'westus',
          children.flatMap(({ layers }) => layers),
        ),
      ).toEqual([]);
      for (const child of children) {
        expect(azure.registries.holds(registry, 'westus', `${repository}@${child.digest}`)).toBe(true);
      }
    });

    it('can be lost later, a manifest too', async () => {
      const digest = azure.registries.push(image);
      await arrive();
      const [layer = ''] = parts(digest).layers;
      azure.registries.withhold(registry, 'westus', repository, layer);
      azure.registries.withhold(registry, 'westeurope', repository, digest);
      expect(await missingOf('westus', [layer])).toEqual([layer]);
      expect((await ask('HEAD', 'westeurope', 'manifests/v1')).status).toBe(404);
      azure.registries.repair(registry, 'westeurope');
      expect((await ask('HEAD', 'westeurope', 'manifests/v1')).status).toBe(200);
    });

    it.each([
      [{ region: 'japaneast', part: 'layer' }],
      [{ region: 'eastus', part: 'layer' }],
      [{ region: 'westus', part: 'layer', layer: 3 }],
      [{ region: 'westus', part: 'layer', platform: 'linux/amd64' }],
    ] as const)('cannot be %j of an image that is pushed to eastus', (part) => {
      expect(() => azure.registries.push({ ...image, missing: [part] })).toThrow(RangeError);
    });

    it('are set, shown and repaired by the control surface', async () => {
      const sim = (method: string, path: string, body?: unknown) =>
        call(azure, method, `/_sim/registries/${path}`, body === undefined ? {} : { body });
      const pushed = await sim('POST', 'push', {
        repository,
        tag: 'v1',
        layers: 1,
        missing: [{ region: 'westus', part: 'config' }],
      });
      await arrive();
      const { digest } = Object(pushed.body);
      const shown = Object((await sim('GET', `parts?repository=${repository}&digest=${digest}`)).body);
      expect(shown).toEqual(parts(digest));
      expect(await missingOf('westus', [shown.config, ...shown.layers])).toEqual([shown.config]);
      expect((await sim('POST', 'repair', { region: 'westus' })).status).toBe(204);
      await sim('POST', 'withhold', { region: 'westus', repository, digest: shown.layers[0] });
      expect(await missingOf('westus', [shown.config, ...shown.layers])).toEqual(shown.layers);
      const one = { region: 'westus', repository, digest: shown.layers[0] };
      expect((await sim('POST', 'repair', one)).status).toBe(204);
      expect(await missingOf('westus', [shown.config, ...shown.layers])).toEqual([]);
      expect((await sim('POST', 'repair', { region: 'westus', repository })).status).toBe(400);
    });
  });

  describe('behind an endpoint of which only a part is degraded', () => {
    it.each(['frontDoor', 'manifests', 'blobs', 'data'] as const)('%s fails alone', async (part) => {
      const [layer = ''] = parts(azure.registries.push(image)).layers;
      const front = `${azure.registries.endpoint(registry, 'eastus')}/v2/`;
      const seen = async () => ({
        frontDoor: (await fetch(front)).status,
        manifests: (await ask('HEAD', 'eastus', 'manifests/v1')).status,
        blobs: (await askBlob('HEAD', 'eastus', layer)).status,
        data: (await askBlob('GET', 'eastus', layer)).status,
      });
      const good = { frontDoor: 200, manifests: 200, blobs: 200, data: 200 };
      azure.registries.degrade(registry, 'eastus', { status: 503 }, part);
      const bad = { ...good, [part]: 503 };
      // Without the redirect nobody comes to the data host.
      expect(await seen()).toEqual(part === 'blobs' ? { ...bad, data: 503 } : bad);
      azure.registries.restore(registry, 'eastus', part === 'data' ? 'blobs' : 'data');
      expect((await seen())[part]).toBe(503);
      azure.registries.restore(registry, 'eastus');
      expect(await seen()).toEqual(good);
    });

    it('the firewall keeps clients out in the words of the service', async () => {
      const degraded = { region: 'eastus', firewall: true, part: 'manifests' };
      await call(azure, 'POST', '/_sim/registries/degrade', { body: degraded });
      const answer = await ask('GET', 'eastus', 'manifests/v1');
      expect([answer.status, await answer.json()]).toMatchObject([
        403,
        { errors: [{ code: 'DENIED', message: expect.stringContaining('is not allowed access') }] },
      ]);
      await call(azure, 'POST', '/_sim/registries/restore', {
        body: { region: 'eastus', part: 'manifests' },
      });
      expect((await ask('GET', 'eastus', 'manifests/v1')).status).toBe(404);
    });
  });
});
