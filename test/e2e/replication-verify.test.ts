import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { digestOf } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

const replicated = 'evenkeel.registry.replicated';
const stalled = 'evenkeel.registry.replicationStalled';

const patient = sampleRegistry.name;
/** Its objective passes at once. */
const hasty = 'hastyregistry';
/** Its endpoints are out of order. */
const ailing = 'ailingregistry';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    azure: {
      registries: [patient, hasty, ailing].map((name) => ({ ...sampleRegistry, name })),
      registryBehaviour: { copyDelayMs: [0, 0] },
    },
    entry: (name) => (name === hasty ? { replicationSlo: 'PT0.4S' } : {}),
  });
  const { registries } = world.azure;
  for (const registry of [patient, hasty, ailing])
    subscribeWebhooks(registries, { host: world.host.url, registry });
});
afterAll(() => world.close());

interface Pushed {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly platforms?: readonly string[];
}

/** Pushes an image; resolves with its digest when every native webhook that is not lost was answered. */
async function push(image: Pushed, lostIn: readonly string[] = []): Promise<string> {
  const { registries } = world.azure;
  for (const region of lostIn) registries.loseWebhooks(image.registry, region, 1);
  const digest = registries.push(image);
  await registries.idle();
  return digest;
}

const isState = ({ registry, repository, tag }: Pushed, state: string) =>
  expect
    .poll(async () => (await world.ask(tag, { registry, repository })).body['state'], {
      interval: 50,
      timeout: 5_000,
    })
    .toBe(state);

describe('a region whose webhook was lost', () => {
  it('is asked by the review once the objective has passed, and not before', async () => {
    const image = { registry: hasty, repository: 'verify/lost', tag: 'v1' };
    const { registry, repository, tag } = image;
    await push(image, ['westus']);
    const before = await world.ask(tag, { registry, repository });
    expect(before).toMatchObject({ status: 202 });
    expect(before.body['regions']).toContainEqual({ region: 'westus', state: 'waiting' });
    await isState(image, 'stalled');
    await world.review();
    const after = await world.ask(tag, { registry, repository });
    expect(after.status).toBe(200);
    expect(after.body['regions']).toMatchObject(
      regions.map((region) => ({ region, evidence: region === 'westus' ? 'verified' : 'webhook' })),
    );
    expect(world.signalIds(replicated, `${repository}:${tag}`)).toHaveLength(1);
    expect(world.signalIds(stalled, `${repository}:${tag}`)).toEqual([]);
  });

  it('is asked now for a question with verify=true, which completes the image', async () => {
    const image = { registry: patient, repository: 'verify/now', tag: 'v1' };
    const { registry, repository, tag } = image;
    await push(image, ['westus', 'eastus']);
    await world.review();
    expect((await world.ask(tag, { registry, repository })).status).toBe(202);
    const asked = await world.ask(tag, { registry, repository, verify: 'true' });
    expect(asked.status).toBe(200);
    expect(asked.body['regions']).toMatchObject(regions.map((region) => ({ region, evidence: 'verified' })));
    expect((await world.ask(tag, { registry, repository })).status).toBe(200);
    expect(world.signalIds(replicated, `${repository}:${tag}`)).toHaveLength(1);
  });

  it('is missing still when it has no such image', async () => {
    const image = { registry: patient, repository: 'verify/absent', tag: 'v1' };
    const { registry, repository, tag } = image;
    world.azure.registries.stall(registry, 'westus');
    await push(image, ['westeurope']);
    const { status, body } = await world.ask(tag, { registry, repository, verify: 'true' });
    expect(status).toBe(202);
    expect(body['regions']).toMatchObject([
      { region: 'eastus', evidence: 'verified' },
      { region: 'southeastasia', evidence: 'verified' },
      { region: 'westeurope', evidence: 'verified' },
      { region: 'westus', state: 'waiting' },
    ]);
    world.azure.registries.resume(registry, 'westus');
    await world.azure.registries.idle();
    expect((await world.ask(tag, { registry, repository })).status).toBe(200);
  });
});

describe('a replicated image', () => {
  it('stays replicated, whatever an endpoint says', async () => {
    const image = { registry: patient, repository: 'verify/settled', tag: 'v1' };
    const { registry, repository, tag } = image;
    // Nobody pushed it: no endpoint has it.
    await world.tellAll({ ...image, digest: digestOf('settled') });
    for (const reference of [tag, digestOf('settled')]) {
      const { status, body } = await world.ask(reference, { registry, repository, verify: 'true' });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        state: 'replicated',
        regions: regions.map((region) => ({ region, state: 'available', evidence: 'webhook' })),
      });
    }
  });

  it('of several platforms has its children looked for with closure=true, which takes nothing back', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const image = { registry: patient, repository: 'verify/platforms', tag: 'v1', platforms };
    const { registry, repository, tag } = image;
    // The first is that of the first child: which of them a region has is found out by asking it.
    const digest = await push(image, ['westus']);
    const ask = () => world.ask(tag, { registry, repository, closure: 'true' });
    const whole = await ask();
    expect(whole).toMatchObject({ status: 200, body: { digest, closure: { complete: true } } });
    const [first, second] = childrenIn(whole.body);
    const { remove } = world.azure.faults.add({
      match: ({ id }) => id.includes('/westus/') && decodeURIComponent(id).includes(first ?? ''),
      ...{ kind: 'status', status: 404 },
    });
    const broken = await ask();
    remove();
    expect(broken).toMatchObject({ status: 200, body: { state: 'replicated' } });
    expect(broken.body['closure']).toEqual({
      complete: false,
      children: [
        { digest: first, available: regions.slice(0, 3), missing: ['westus'], unverified: [] },
        { digest: second, available: regions, missing: [], unverified: [] },
      ],
    });
  });
});

const childrenIn = (body: unknown): string[] =>
  v
    .parse(v.object({ closure: v.object({ children: v.array(v.object({ digest: v.string() })) }) }), body)
    .closure.children.map(({ digest }) => digest);

/** Both wait until a call has had all its time, so they wait together: each has a registry of its own. */
describe.concurrent('an endpoint that hangs', () => {
  it('that is asked leaves its region unverified, and the answer comes in time', async ({ expect }) => {
    const image = { registry: ailing, repository: 'verify/ailing', tag: 'v1' };
    const { registry, repository, tag } = image;
    const { registries } = world.azure;
    await push(image, regions.slice(1));
    registries.degrade(registry, 'southeastasia', { status: 429, retryAfterSeconds: 60 });
    registries.degrade(registry, 'westeurope', { status: 503 });
    registries.degrade(registry, 'westus', { hang: true });
    const startedMs = performance.now();
    const { status, body } = await world.ask(tag, { registry, repository, verify: 'true' });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: 'pending',
      regions: [
        { region: 'eastus', state: 'available', evidence: 'verified' },
        { region: 'southeastasia', state: 'unverified', reason: 'throttled' },
        { region: 'westeurope', state: 'unverified', reason: 'answered 503' },
        { region: 'westus', state: 'unverified', reason: expect.stringContaining('no answer within') },
      ],
    });
    for (const region of regions) registries.restore(registry, region);
  });

  it('is not asked for each image, and each is reported in the same review', async ({ expect }) => {
    const tags = Array.from({ length: 60 }, (_, index) => `v${index}`);
    for (const tag of tags) {
      const image = { registry: hasty, repository: 'verify/hanging', digest: digestOf(tag), tag };
      await world.tellAll(image, regions.slice(0, 3));
    }
    await expect
      .poll(
        async () => (await world.ask('v59', { registry: hasty, repository: 'verify/hanging' })).body['state'],
      )
      .toBe('stalled');
    const hanging = world.azure.faults.add({
      match: ({ id }) => id.includes('/westus/') && id.includes('hanging'),
      kind: 'hang',
    });
    try {
      await world.review();
    } finally {
      hanging.remove();
    }
    const told = tags.filter((tag) => world.signalIds(stalled, `verify/hanging:${tag}`).length === 1);
    expect(told).toEqual(tags);
    expect(hanging.hits()).toBeLessThanOrEqual(40);
  }, 90_000);
});
