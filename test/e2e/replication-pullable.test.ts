import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageSpec } from '../../local/azure/registries/images.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from './replication-installation.ts';

/** One of its regions throttles. */
const throttling = 'throttlingregistry';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    azure: {
      registries: [registry, throttling].map((name) => ({ ...sampleRegistry, name })),
      registryBehaviour: { copyDelayMs: [0, 0] },
    },
  });
  for (const one of [registry, throttling])
    subscribeWebhooks(world.azure.registries, { host: world.host.url, registry: one });
});
afterAll(() => world.close());

/** Pushes an image; resolves when every native webhook was answered. */
async function push(image: ImageSpec & { readonly registry?: string }) {
  const digest = world.azure.registries.push({ registry, ...image });
  await world.azure.registries.idle();
  return {
    digest,
    parts: world.azure.registries.partsOf(image.registry ?? registry, image.repository, digest),
  };
}

const pullableSchema = v.object({
  checked: v.number(),
  missing: v.array(v.string()),
  unchecked: v.optional(v.number()),
  reason: v.optional(v.string()),
});
const bodySchema = v.object({
  regions: v.array(
    v.object({
      region: v.string(),
      state: v.string(),
      evidence: v.optional(v.string()),
      reason: v.optional(v.string()),
      verifiedAt: v.optional(v.string()),
      pullable: v.optional(pullableSchema),
    }),
  ),
});

/** By region, what the answer says of it. */
async function ask(reference: string, parameters: Readonly<Record<string, string>>) {
  const { status, body } = await world.ask(reference, { pullable: 'true', ...parameters });
  const found = v.parse(bodySchema, body).regions.map((one) => [one.region, one] as const);
  return { status, body, at: Object.fromEntries(found) };
}

const blobRequests = (mark: number) => {
  const { requests } = world.azure;
  return requests.since(mark).filter(({ operation }) => /^(Blobs|RegistryData)_/.test(operation));
};

describe('a layer that has not come to a region with its manifest', () => {
  it('is named, takes nothing back, and is all that is asked for again until it comes', async () => {
    const repository = 'pull/scattered';
    const missing = [{ region: 'westus', part: 'layer' }] as const;
    const { parts } = await push({ repository, tag: 'v1', layers: 3, missing });
    const [layer = ''] = parts.layers;
    const { status, body, at } = await ask('v1', { repository });
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'replicated' });
    expect(at['eastus']).toMatchObject({ evidence: 'pullable', pullable: { checked: 4, missing: [] } });
    expect(at['westus']).toMatchObject({
      state: 'available',
      evidence: 'verified',
      pullable: { checked: 4, missing: [layer] },
    });
    const mark = world.azure.requests.mark();
    await ask('v1', { repository });
    expect(blobRequests(mark).map(({ method, id }) => `${method} ${id}`)).toEqual([
      expect.stringMatching(new RegExp(`^HEAD .*/westus/v2/${repository}/blobs/${layer}$`)),
    ]);
    world.azure.registries.repair(registry, 'westus');
    const repaired = await ask('v1', { repository });
    for (const region of regions) expect(repaired.at[region]).toMatchObject({ evidence: 'pullable' });
    expect((await world.ask('v1', { repository })).body['regions']).toMatchObject(
      regions.map((region) => ({ region, evidence: 'pullable', verifiedAt: expect.any(String) })),
    );
  });

  it('of one platform is named with closure, for which alone an index is asked', async () => {
    const repository = 'pull/platforms';
    const platforms = ['linux/amd64', 'linux/arm64'];
    const missing = [{ region: 'westus', part: 'layer', platform: 'linux/arm64' }] as const;
    const { parts } = await push({ repository, tag: 'v1', platforms, missing });
    const layer = parts.children.find(({ platform }) => platform === 'linux/arm64')?.layers[0] ?? '';
    const plain = await ask('v1', { repository });
    expect(plain.at['westus']).toMatchObject({ evidence: 'pullable', pullable: { checked: 0, missing: [] } });
    const { at } = await ask('v1', { repository, closure: 'true' });
    expect(at['eastus']).toMatchObject({ evidence: 'pullable', pullable: { missing: [] } });
    expect(at['westus']).toMatchObject({ evidence: 'verified', pullable: { missing: [layer] } });
    expect(at['westus']?.pullable?.checked).toBe(at['eastus']?.pullable?.checked);
  });
});

describe('a pull in a region', () => {
  it.each(['answer', 'redirect'] as const)(
    'is asked for without following where a layer is, when HEAD brings the %s',
    async (blobHead) => {
      world.azure.registries.change({ blobHead });
      const repository = `pull/${blobHead}`;
      await push({ repository, tag: 'v1', layers: 2 });
      const mark = world.azure.requests.mark();
      const { at } = await ask('v1', { repository });
      world.azure.registries.change({ blobHead: 'answer' });
      expect(at['westus']).toMatchObject({ evidence: 'pullable', pullable: { checked: 3, missing: [] } });
      const asked = blobRequests(mark);
      expect(asked).toHaveLength(3 * regions.length);
      expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(['Blobs_Head']));
    },
  );

  it('of 200 layers is asked for in the time of a wait', async () => {
    const repository = 'pull/large';
    await push({ repository, tag: 'v1', layers: 200 });
    const mark = world.azure.requests.mark();
    const answer = await ask('v1', { repository, wait: '60' });
    for (const region of regions) {
      expect(answer.at[region]).toMatchObject({
        evidence: 'pullable',
        pullable: { checked: 201, missing: [] },
      });
    }
    // Nothing twice, however often the question came back to it.
    expect(blobRequests(mark)).toHaveLength(201 * regions.length);
  });
});

/** Both wait for the next round of a question, so they wait together: each has a registry of its own. */
describe.concurrent('a pull', () => {
  it('that lacks a part is waited for with wait, although the image counts as replicated', async ({
    expect,
  }) => {
    const repository = 'pull/awaited';
    await push({ repository, tag: 'v1', missing: [{ region: 'westeurope', part: 'config' }] });
    const mark = world.azure.requests.mark();
    const asking = ask('v1', { repository, wait: '60' });
    // The first round has met the missing config.
    await expect
      .poll(() => blobRequests(mark).some(({ status, id }) => status === 404 && id.includes(repository)), {
        timeout: 30_000,
      })
      .toBe(true);
    world.azure.registries.repair(registry, 'westeurope');
    const { status, at } = await asking;
    expect(status).toBe(200);
    expect(at['westeurope']).toMatchObject({ evidence: 'pullable', pullable: { missing: [] } });
  });

  it('is open where the region throttles, and the others are asked all the same', async ({ expect }) => {
    const image = { registry: throttling, repository: 'pull/throttled' };
    await push({ ...image, tag: 'v1', layers: 20 });
    world.azure.registries.degrade(throttling, 'westus', { status: 429, retryAfterSeconds: 1 }, 'blobs');
    const mark = world.azure.requests.mark();
    const { at } = await ask('v1', image);
    expect(at['eastus']).toMatchObject({ evidence: 'pullable' });
    expect(at['westus']).toMatchObject({
      evidence: 'verified',
      pullable: { missing: [], reason: 'throttled' },
    });
    expect(
      blobRequests(mark).filter(({ status, id }) => status === 429 && id.includes(throttling)).length,
    ).toBeLessThanOrEqual(4);
    world.azure.registries.restore(throttling, 'westus');
    const later = await ask('v1', { ...image, wait: '60' });
    expect(later.at['westus']).toMatchObject({ evidence: 'pullable' });
  });
});
