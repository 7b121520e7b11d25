import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../../local/azure/sample.ts';
import { installRouting, prompt, type RoutingInstallation } from '../routing-installation.ts';

const registry = sampleRegistry.name;
/** A replica in so many regions, and more. */
const wide = 'wideregistry';
const wideRegions = Array.from({ length: 60 }, (_, index) => `region${String(index).padStart(2, '0')}`);
const last = wideRegions.at(-1) ?? '';
const wideRegistry = { ...sampleRegistry, name: wide, replicas: wideRegions };

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({
    regionToCome: 'northeurope',
    azure: {
      registries: [sampleRegistry, wideRegistry],
    },
    entry: () => prompt,
    settings: { ROUTING_MODE: 'enforce' },
  });
  // Each review asks every endpoint, so that it is wide only for the test of that.
  world.azure.registries.create({ ...wideRegistry, replicas: [] });
}, 120_000);
afterAll(() => world.close());
beforeEach(() => world.begin());

const routingOf = (region: string, name = registry) =>
  world.azure.registries.replica(name, region).globalRouting;
async function switchedOff(region: string, name = registry): Promise<void> {
  world.azure.registries.degrade(name, region, { status: 503 });
  await world.review();
  expect(routingOf(region, name)).toBe('disabled');
}
async function reviewLater(times: number, minutes = 11): Promise<void> {
  for (let run = 0; run < times; run += 1) {
    await world.letPass(minutes);
    await world.review();
  }
}
const regions = async () => (await world.seen()).replicas.map(({ region }) => region);
const told = () => world.told().map(({ type, data }) => `${type.split('.').at(-1)} ${data['reason'] ?? ''}`);
/** A read by id does not find the replica, whatever the list shows. */
const hide = (region: string) =>
  world.azure.faults.add({
    match: ({ operation, id }) => operation === 'Replications_Get' && id.endsWith(`/replications/${region}`),
    kind: 'status',
    status: 404,
    code: 'ResourceNotFound',
  });

describe('a replica that evenkeel switched off', () => {
  it('is not gone when a read by id does not find it, and is switched on once it is well', async () => {
    await switchedOff('westus');
    const hidden = hide('westus');
    await reviewLater(3);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'flagged', disabledByUs: true, routed: null },
      evidence: { absent: 'listed' },
    });
    expect(told()).toEqual(['flagged ']);
    hidden.remove();
    world.azure.registries.restore(registry, 'westus');
    await reviewLater(1);
    expect(routingOf('westus')).toBe('enabled');
    expect(told()).toEqual(['flagged ', 'cleared recovered']);
  });

  it('is not gone when the list leaves it out', async () => {
    await switchedOff('westus');
    const list = { match: 'Replications_List', kind: 'status', status: 200, body: { value: [] } } as const;
    const left = world.azure.faults.add(list);
    await reviewLater(3);
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'flagged', disabledByUs: true });
    left.remove();
  });

  it('is gone after two looks that agree, which is told once, and is still evenkeel’s when it comes back', async () => {
    await switchedOff('westus');
    world.azure.registries.removeReplica(registry, 'westus');
    await reviewLater(1);
    expect(await regions()).toContain('westus');
    expect(told()).toEqual(['flagged ']);
    await reviewLater(1);
    expect(await regions()).not.toContain('westus');
    await reviewLater(2);
    expect(told()).toEqual(['flagged ', 'cleared gone']);

    await world.letPass(29 * 24 * 60);
    world.azure.registries.addReplica(registry, 'westus');
    world.azure.registries.degrade(registry, 'westus', { status: 404 });
    world.azure.registries.setReplica(registry, 'westus', {
      ...{ provisioningState: 'Succeeded', displayStatus: 'Syncing', globalRouting: 'disabled' },
    });
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'ok', disabledByUs: true });
    expect(routingOf('westus')).toBe('disabled');
    // Its endpoint failed when it was seen last, and nobody has seen it answer since.
    world.azure.registries.setReplica(registry, 'westus', { displayStatus: 'Ready' });
    await reviewLater(2);
    expect(routingOf('westus')).toBe('disabled');
    world.azure.registries.restore(registry, 'westus');
    await reviewLater(1);
    expect(routingOf('westus')).toBe('enabled');
  });

  it('is somebody else’s when it comes back after more than 30 days', async () => {
    await switchedOff('westus');
    world.azure.registries.removeReplica(registry, 'westus');
    await reviewLater(2);
    await world.letPass(31 * 24 * 60);
    world.azure.registries.addReplica(registry, 'westus');
    world.azure.registries.restore(registry, 'westus');
    world.azure.registries.setReplica(registry, 'westus', {
      ...{ provisioningState: 'Succeeded', displayStatus: 'Ready', globalRouting: 'disabled' },
    });
    await reviewLater(2);
    expect(await world.seenReplica('westus')).toMatchObject({ disabledByUs: false });
    expect(routingOf('westus')).toBe('disabled');
  });
});

describe('a replica that was being created and is gone', () => {
  it('is a problem that names the known causes, until the region has a replica', async () => {
    world.azure.registries.addReplica(registry, 'northeurope');
    world.azure.registries.setReplica(registry, 'northeurope', {
      ...{ provisioningState: 'Creating', displayStatus: 'Provisioning' },
    });
    await world.review();
    const replica = await world.seenReplica('northeurope');
    expect(replica).toMatchObject({ status: 'Provisioning', verdict: 'ok' });
    world.azure.registries.removeReplica(registry, 'northeurope');
    await reviewLater(3);
    const problems = async () => (await world.status()).problems.map(({ message }) => message);
    expect(await problems()).toContainEqual(
      expect.stringMatching(
        /^the replica northeurope .* rolled back; .*privateLinkServiceProxies\/write.*out of addresses.*statically allocated/,
      ),
    );
    expect(world.lines.some((line) => line.includes('"happened":"rolledBack"'))).toBe(true);
    expect(told()).toEqual([]);
    world.azure.registries.addReplica(registry, 'northeurope');
    await reviewLater(1);
    expect((await problems()).filter((message) => message.includes('rolled back'))).toEqual([]);
  });
});

describe('a registry with a replica in 61 regions', () => {
  it('is reviewed as a whole, and what was switched off last is switched on again', async () => {
    world.azure.registries.create(wideRegistry);
    await switchedOff(last, wide);
    expect((await world.seen(wide)).replicas).toHaveLength(61);
    expect((await world.seen(wide)).problems).toEqual([]);
    for (let run = 0; run < 2; run += 1) {
      await world.letPass(11, wide);
      await world.review();
      expect(await world.seenReplica(last, wide)).toMatchObject({ verdict: 'flagged', disabledByUs: true });
    }
    world.azure.registries.restore(wide, last);
    await world.letPass(11, wide);
    await world.review();
    expect(routingOf(last, wide)).toBe('enabled');
  }, 120_000);
});
