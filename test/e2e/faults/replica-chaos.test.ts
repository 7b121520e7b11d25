import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribeWebhooks } from '../../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../../local/azure/sample.ts';
import { nowhere } from '../../support/unresolvable-host.ts';
import { installRouting, prompt, type RoutingInstallation } from '../routing-installation.ts';

const registry = sampleRegistry.name;
const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];
const entry = { ...prompt, probe: 'pull', replicationSlo: 'PT0.1S' };

/**
 * What a chaos laboratory for registries tries at the edge of a registry, as far as it is about replicas, and what
 * evenkeel says of each: the verdict, the evidence and how late images are. What layers, manifests and token services
 * do behind a front door that answers is in `replica-pull.test.ts`.
 * https://github.com/johnsonshi/aks-acr-chaos-studio
 */
describe('an experiment on the replicas of a registry', () => {
  let world: RoutingInstallation;
  beforeAll(async () => {
    world = await installRouting({
      entry: () => entry,
      settings: { ROUTING_MODE: 'enforce' },
      azure: { registryBehaviour: { copyDelayMs: [0, 0] } },
    });
    subscribeWebhooks(world.azure.registries, { host: world.host.url, registry });
    await push('steady', 'v1');
    await reviewLater(1);
    expect((await world.seenReplica('westus')).evidence['pull']).toMatchObject({ kind: 'served' });
  });
  afterAll(() => world.close());

  const routingOf = (region: string) => world.azure.registries.replica(registry, region).globalRouting;
  async function push(repository: string, tag: string): Promise<string> {
    const digest = world.azure.registries.push({ registry, repository, tag });
    await world.azure.registries.idle({ dueWithinMs: 0 });
    return digest;
  }
  async function reviewLater(times: number, via?: string): Promise<void> {
    for (let run = 0; run < times; run += 1) {
      await world.letPass(61).catch(() => undefined);
      await world.review(via);
    }
  }

  it('geo-failover by routing exclusion: what another writer switched off is left alone, and pulled from all the same', async () => {
    world.azure.registries.setReplica(registry, 'westus', { globalRouting: 'disabled' });
    await reviewLater(2);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'ok', routed: false, disabledByUs: false },
      evidence: { reachability: { kind: 'alive' }, pull: { kind: 'served' }, lateImages: { late: 0 } },
    });
    expect(world.patches).toEqual([]);
    world.azure.registries.setReplica(registry, 'westus', { globalRouting: 'enabled' });
    await reviewLater(1);
  });

  it('regional endpoints switched off: nothing is known of any replica, nobody is flagged, nothing is late', async () => {
    const { id = '' } = world.azure.registries.setting()[0] ?? {};
    const endpoints = Object.fromEntries(regions.map((region) => [region, nowhere]));
    const settings = { REGISTRIES: JSON.stringify([{ id, ...entry, endpoints }]), ROUTING_MODE: 'enforce' };
    const { url } = await world.startHost(settings);
    await reviewLater(2, url);
    for (const region of regions) {
      expect(await world.seenReplica(region)).toMatchObject({
        verdict: 'ok',
        evidence: {
          reachability: { kind: 'unknown', reason: expect.stringContaining('does not resolve') },
          pull: { kind: 'unknown', reason: expect.stringContaining('does not resolve') },
          lateImages: { late: 0, lateInRegistry: 0 },
        },
      });
    }
    const { commonCause, problems } = await world.seen();
    expect({ commonCause, problems }).toEqual({ commonCause: false, problems: [] });
    expect(world.patches).toEqual([]);
  });

  it('replica stuck: it serves what it has, and lateness alone takes it out', async () => {
    world.azure.registries.stall(registry, 'westus');
    const digests: string[] = [];
    for (const number of [1, 2, 3]) digests.push(await push(`late/${number}`, 'v1'));
    for (const [index, digest] of digests.entries()) {
      const state = async () => (await world.ask(digest, { repository: `late/${index + 1}` })).body['state'];
      await expect.poll(state, { interval: 20, timeout: 30_000 }).toBe('stalled');
    }
    await reviewLater(1);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'flagged', disabledByUs: true },
      evidence: {
        reachability: { kind: 'alive' },
        pull: { kind: 'served' },
        lateImages: { late: 3, lateInRegistry: 3 },
      },
      reasons: ['it is falling behind on images: 3 of the 3 late images in the registry'],
    });
    expect(routingOf('westus')).toBe('disabled');
    world.azure.registries.resume(registry, 'westus');
    await world.azure.registries.idle();
  });

  it('provisioning stuck: a change that takes longer than half an hour is bad, although everything answers', async () => {
    world.azure.registries.setReplica(registry, 'westeurope', { provisioningState: 'Updating' });
    await reviewLater(2);
    expect(await world.seenReplica('westeurope')).toMatchObject({
      verdict: 'flagged',
      evidence: { reachability: { kind: 'alive' }, pull: { kind: 'served' } },
      reasons: [expect.stringContaining('the replication is stuck')],
    });
    // A replica that is being changed is not changed.
    expect(routingOf('westeurope')).toBe('enabled');
  });
});
