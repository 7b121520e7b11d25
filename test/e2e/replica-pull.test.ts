import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointCondition, EndpointPart } from '../../local/azure/registries/endpoint-condition.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { runCommand } from '../cli/run-command.ts';
import { installRouting, prompt, type RoutingInstallation } from './routing-installation.ts';

const registry = sampleRegistry.name;
const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];
const pulled = { ...prompt, probe: 'pull', replicationSlo: 'PT0.1S' };

/** An installation whose registry tells of one image that is everywhere, which a review has seen. */
async function installPulling(
  options: NonNullable<Parameters<typeof installRouting>[0]> = {},
): Promise<{ readonly world: RoutingInstallation; readonly digest: string }> {
  const world = await installRouting({
    entry: () => pulled,
    settings: { ROUTING_MODE: 'enforce' },
    ...options,
    azure: {
      ...options.azure,
      registryBehaviour: { copyDelayMs: [0, 0], ...options.azure?.registryBehaviour },
    },
  });
  const { registries } = world.azure;
  subscribeWebhooks(registries, { host: world.host.url, registry });
  // No image is known yet.
  await world.review();
  expect((await world.seenReplica('westus')).evidence['pull']).toEqual({
    kind: 'unknown',
    reason: expect.stringContaining('only its front door is asked; probeImage in REGISTRIES names one'),
  });
  const digest = registries.push({ registry, repository: 'team/app', tag: 'v1', layers: 2 });
  await registries.idle();
  await world.review();
  // The review of the images comes before that of the replicas.
  expect(await pullsOf(world)).toEqual(regions.map(() => 'served'));
  return { world, digest };
}

const pullsOf = async (world: RoutingInstallation, via?: string) => {
  const found = (await world.status(via)).registries[0]?.replicas ?? [];
  return regions.map((region) => {
    const pull = found.find((one) => one.region === region)?.evidence['pull'];
    return typeof pull === 'object' && pull !== null && 'kind' in pull ? pull.kind : pull;
  });
};

describe('a registry whose replicas are pulled from', () => {
  let world: RoutingInstallation;
  let digest: string;
  beforeAll(async () => {
    ({ world, digest } = await installPulling());
  });
  afterAll(() => world.close());
  afterEach(async () => {
    for (const region of regions) world.azure.registries.restore(registry, region);
    await world.letPass(61);
    if (regions.some((region) => routingOf(region) === 'disabled')) await world.review();
    for (const region of regions) expect(routingOf(region)).toBe('enabled');
    world.azure.topic('evenkeel').events.length = 0;
  });

  const routingOf = (region: string) => world.azure.registries.replica(registry, region).globalRouting;
  const degrade = (region: string, condition: EndpointCondition, part: EndpointPart) =>
    world.azure.registries.degrade(registry, region, condition, part);
  async function reviewLater(times: number): Promise<void> {
    for (let run = 0; run < times; run += 1) {
      await world.letPass(61);
      await world.review();
    }
  }

  it.each<[string, EndpointPart, EndpointCondition, string]>([
    ['layers are answered 503', 'blobs', { status: 503 }, 'the layer of team/app@sha256:'],
    ['the data host is gone', 'data', { refuse: true }, 'the data host'],
    ['manifests are answered 500', 'manifests', { status: 500 }, 'the manifest of team/app@sha256:'],
    ['manifests are refused that others serve', 'manifests', { status: 403 }, 'what other replicas serve'],
    ['layers are not found that others serve', 'blobs', { status: 404 }, 'what other replicas serve'],
  ])('takes one out whose front door answers while its %s, and back when it serves', async (...given) => {
    const [, part, condition, reason] = given;
    degrade('westus', condition, part);
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'flagged', disabledByUs: true },
      evidence: { reachability: { kind: 'alive' } },
      reasons: [expect.stringContaining(reason)],
    });
    expect(routingOf('westus')).toBe('disabled');
    // A 429 is alive, and no witness.
    degrade('westus', { status: 429 }, part);
    await reviewLater(1);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'flagged', evidence: { pull: { kind: 'throttled' } } },
      awaits: [expect.stringContaining('a pull from its regional endpoint has to work')],
    });
    expect(routingOf('westus')).toBe('disabled');
    world.azure.registries.restore(registry, 'westus');
    await reviewLater(1);
    expect(routingOf('westus')).toBe('enabled');
  });

  it.each<[string, EndpointPart, EndpointCondition]>([
    ['refuses everything, as with a customer-managed key that was withdrawn', 'manifests', { status: 403 }],
    ['lost the image', 'manifests', { status: 404 }],
    ['has data hosts that nobody reaches', 'data', { refuse: true }],
  ])('flags nobody when the whole registry %s, and names it', async (_, part, condition) => {
    for (const region of regions) degrade(region, condition, part);
    await reviewLater(2);
    expect(await pullsOf(world)).toEqual(regions.map(() => 'unserved'));
    const { replicas, problems } = await world.seen();
    expect(replicas.map(({ verdict }) => verdict)).toEqual(regions.map(() => 'ok'));
    expect(problems).toEqual([expect.stringContaining(`no replica of ${registry} serves what is pulled`)]);
  });

  it('is told with what Azure says of the registry and how often the replica throttled', async () => {
    const since = Date.parse('2026-11-28T12:00:00Z');
    world.azure.registries.setAvailability(registry, {
      state: 'Degraded',
      summary: 'some pulls fail',
      since,
    });
    degrade('westus', { status: 429 }, 'frontDoor');
    const mark = world.azure.requests.mark();
    await world.review();
    const asked = world.azure.requests.since(mark).map(({ operation }) => operation);
    expect(asked.filter((name) => name === 'AvailabilityStatuses_GetByResource')).toHaveLength(1);
    expect((await world.seenReplica('westus')).verdict).toBe('ok');
    degrade('westus', { status: 503 }, 'blobs');
    await world.letPass(1);
    await world.review();
    const notes = [
      'Azure Resource Health calls the registry Degraded since 2026-11-28T12:00:00.000Z: some pulls fail',
      expect.stringMatching(/^it throttled evenkeel \(429\) in 2 reviews of the last hour, the last at /),
    ];
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'flagged', notes });
    expect(world.told()[0]?.data).toMatchObject({ notes });
    const { stdout } = await runCommand(['flags', '--app', world.host.url]);
    expect(stdout).toContain('calls the registry Degraded');
    // Where it may not be read, nothing is said, and nothing else changes.
    const fault = world.azure.faults.add({
      match: 'AvailabilityStatuses_GetByResource',
      ...{ kind: 'status', status: 403, code: 'AuthorizationFailed' },
    });
    await world.letPass(1);
    await world.review();
    fault.remove();
    const { availability, frozen, problems } = await world.seen();
    expect({ availability, frozen, problems }).toEqual({ availability: null, frozen: null, problems: [] });
    world.azure.registries.setAvailability(registry, {});
  });

  it('asks each replica for one manifest and one layer, and the front door as before', async () => {
    const mark = world.azure.requests.mark();
    await reviewLater(1);
    const at = world.azure.requests.since(mark).filter(({ id }) => /\/westus\/(v2|sha256)/.test(id));
    expect(at.map(({ operation }) => operation).sort()).toEqual([
      'Blobs_Get',
      'Manifests_Get',
      'RegistryData_Get',
      'RegistryEndpoint_Ping',
    ]);
  });

  it('remembers what to pull over a restart, and takes another image once that one is deleted', async () => {
    await world.restartHost();
    await reviewLater(1);
    expect(await pullsOf(world)).toEqual(regions.map(() => 'served'));
    const { registries } = world.azure;
    subscribeWebhooks(registries, { host: world.host.url, registry });
    const newer = registries.push({ registry, repository: 'team/other', tag: 'v1' });
    await registries.idle();
    const mark = world.azure.requests.mark();
    await reviewLater(1);
    const pulledOf = (from: number) =>
      world.azure.requests
        .since(from)
        .flatMap(({ operation, id }) => (operation === 'Manifests_Get' ? id : []));
    expect(pulledOf(mark).every((id) => id.endsWith(newer))).toBe(true);
    registries.delete({ registry, repository: 'team/other', digest: newer });
    await registries.idle();
    const after = world.azure.requests.mark();
    await reviewLater(1);
    expect(pulledOf(after).length).toBeGreaterThan(0);
    expect(pulledOf(after).every((id) => id.endsWith(digest))).toBe(true);
    expect(await pullsOf(world)).toEqual(regions.map(() => 'served'));
  });
});

/** The app is a process that trusts the certificate of the local Azure and has a managed identity there. */
describe('a registry that asks for a token, whose replicas are pulled from', () => {
  let world: RoutingInstallation;
  let mark = 0;
  beforeAll(async () => {
    ({ world } = await installPulling({
      azure: { secureRegistries: true, registryBehaviour: { requireToken: true } },
    }));
    mark = world.azure.requests.mark();
  });
  afterAll(() => world.close());

  it('is asked for one token, which no data host sees', async () => {
    // The token of the review before is still good.
    await world.review();
    expect(await pullsOf(world)).toEqual(regions.map(() => 'served'));
    const operations = world.azure.requests.since(mark).map(({ operation }) => operation);
    expect(operations.filter((name) => name.startsWith('Authentication_'))).toEqual([]);
    // With a credential, the data host would answer 400.
    expect(operations.filter((name) => name === 'RegistryData_Get')).toHaveLength(regions.length);
  });

  it.each<EndpointCondition>([{ status: 429, retryAfterSeconds: 3_600 }, { status: 503 }])(
    'is pulled from where others give no token: %j',
    async (condition) => {
      await world.restartHost();
      world.azure.registries.degrade(registry, 'eastus', condition, 'tokens');
      for (const _ of [1, 2]) {
        await world.review();
        const [east, ...others] = await pullsOf(world);
        // It is served with the token of another one, unless it was the first to ask.
        expect(['served', 'throttled', 'failing']).toContain(east);
        expect(others).toEqual(['served', 'served', 'served']);
      }
      world.azure.registries.restore(registry, 'eastus');
    },
  );

  it('flags nobody while its customer-managed key is withdrawn: no token service gives a token', async () => {
    await world.restartHost();
    world.azure.registries.degradeTokenService(registry, { status: 403 });
    await world.review();
    expect(await pullsOf(world)).toEqual(regions.map(() => 'unserved'));
    const { replicas, problems } = await world.seen();
    expect(replicas.map(({ verdict }) => verdict)).toEqual(regions.map(() => 'ok'));
    expect(problems).toEqual([expect.stringMatching(/the token of team.*customer-managed key/)]);
  });
});
