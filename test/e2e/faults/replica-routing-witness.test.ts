import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../../local/azure/sample.ts';
import { runCommand } from '../../cli/run-command.ts';
import { nowhere } from '../../support/unresolvable-host.ts';
import { digestOf } from '../registry-notifications.ts';
import { installRouting, prompt, type RoutingInstallation, refusing } from '../routing-installation.ts';

const registry = sampleRegistry.name;
/** The name of no host. */

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({
    entry: () => ({ ...prompt, replicationSlo: 'PT0.1S' }),
    settings: { ROUTING_MODE: 'enforce' },
  });
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const routingOf = (region: string) => world.azure.registries.replica(registry, region).globalRouting;
const degrade = (region: string, condition: Parameters<typeof world.azure.registries.degrade>[2]) =>
  world.azure.registries.degrade(registry, region, condition);
/** Reviews, each long after the one before, so that no hold-down stands in the way. */
async function reviewLater(times: number, via?: string): Promise<void> {
  for (let run = 0; run < times; run += 1) {
    await world.letPass(11);
    await world.review(via);
  }
}
async function switchedOff(region: string): Promise<void> {
  degrade(region, { refuse: true });
  await world.review();
  expect(routingOf(region)).toBe('disabled');
}
/** A host with another entry for the registry. */
async function hostWith(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const id = world.azure.registries.id(registry);
  const known = world.azure.registries.setting().find((entry) => entry.id === id);
  const entry = { ...known, ...prompt, replicationSlo: 'PT0.1S', ...changes };
  return (await world.startHost({ REGISTRIES: JSON.stringify([entry]), ROUTING_MODE: 'enforce' })).url;
}
const staysOff = async (region: string) => {
  expect(routingOf(region)).toBe('disabled');
  expect(await world.seenReplica(region)).toMatchObject({
    ...{ verdict: 'flagged', routed: false, disabledByUs: true },
    reasons: [
      expect.stringContaining('earlier: its regional endpoint is unavailable'),
      expect.stringContaining('until it is cleared, its regional endpoint has to answer 200 or 401'),
    ],
  });
};

describe('a replica that was switched off because its endpoint refused', () => {
  it.each([404, 403, 302, 429])(
    'stays off while it answers %i, and is on again once it answers',
    async (status) => {
      await switchedOff('westus');
      degrade('westus', { status });
      await reviewLater(3);
      await staysOff('westus');
      world.azure.registries.restore(registry, 'westus');
      await reviewLater(1);
      expect(routingOf('westus')).toBe('enabled');
      expect(world.told().map(({ type }) => type)).toEqual([
        'evenkeel.replica.flagged',
        'evenkeel.replica.cleared',
      ]);
    },
  );

  it.each([
    ['its name no longer resolves', { endpoints: { westus: nowhere } }, 'does not resolve'],
    ['probe is set to false, and says how that ends', { probe: false }, 'probe is false in REGISTRIES'],
  ])('stays off when %s', async (_, changes, reason) => {
    await switchedOff('westus');
    world.azure.registries.restore(registry, 'westus');
    const { endpoints } = world.azure.registries.setting()[0] ?? {};
    const url = await hostWith({
      ...changes,
      endpoints: { ...endpoints, ...('endpoints' in changes ? changes.endpoints : {}) },
    });
    await reviewLater(3, url);
    await staysOff('westus');
    expect((await world.seenReplica('westus')).reasons.at(-1)).toContain(reason);
    const { stdout } = await runCommand(['flags', '--app', url]);
    expect(stdout).toContain(reason);
  });

  it('is asked in every review, whatever wait an earlier answer named', async () => {
    await switchedOff('westeurope');
    degrade('westeurope', { status: 429, retryAfterSeconds: 120 });
    await world.review();
    degrade('westeurope', { status: 503 });
    for (const _ of [1, 2, 3]) {
      const mark = world.azure.requests.mark();
      await reviewLater(1);
      const knocks = world.azure.requests
        .since(mark)
        .filter(
          ({ operation, id }) => operation === 'RegistryEndpoint_Ping' && id.endsWith('/westeurope/v2/'),
        );
      expect(knocks).toHaveLength(1);
      expect(await world.seenReplica('westeurope')).toMatchObject({
        verdict: 'flagged',
        evidence: { reachability: { kind: 'failing', reason: 'answered 503' } },
      });
    }
    expect(routingOf('westeurope')).toBe('disabled');
  });
});

describe('a replica that is not ready', () => {
  const show = (region: string, displayStatus: string) =>
    world.azure.registries.setReplica(registry, region, { displayStatus });

  it.each(['Syncing', 'Offline'])('%s is not counted among those that serve', async (status) => {
    show('westeurope', status);
    show('southeastasia', status);
    degrade('westus', { status: 503 });
    await world.review();
    const westus = await world.seenReplica('westus');
    expect(refusing(westus)).toEqual(['minimumRoutable']);
    expect(routingOf('westus')).toBe('enabled');
    expect(await world.seenReplica('westeurope')).toMatchObject({ status, verdict: 'ok' });
    expect(westus).toMatchObject({ status: 'Ready' });
    // The command stands below a warning that names the interlock.
    const { stdout } = await runCommand(['flags', '--app', world.host.url]);
    expect(stdout).toMatch(
      /! do not run this yet: minimumRoutable refuses it\n.*\n +az acr replication update/,
    );
  });

  it('is not switched on, although its endpoint answers', async () => {
    await switchedOff('westus');
    world.azure.registries.restore(registry, 'westus');
    show('westus', 'Syncing');
    await reviewLater(3);
    expect(await world.seenReplica('westus')).toMatchObject({ status: 'Syncing', verdict: 'flagged' });
    expect(routingOf('westus')).toBe('disabled');
    show('westus', 'Ready');
    await reviewLater(1);
    expect(routingOf('westus')).toBe('enabled');
  });
});

describe('an image that is missing in a region', () => {
  const others = ['eastus', 'westus', 'westeurope'];
  const images: { digest: string; repository: string }[] = [];
  /** Three images that every other region tells of, and whose objective has passed. */
  async function tellOthers(name: string): Promise<void> {
    for (const number of [1, 2, 3]) {
      const image = { digest: digestOf(`${name} ${number}`), repository: `${name}/${number}` };
      images.push(image);
      await world.tellAll(image, others);
      const state = async () => (await world.ask(image.digest, image)).body['state'];
      await expect.poll(state, { interval: 20, timeout: 15_000 }).toBe('stalled');
    }
  }

  it('is not late where a webhook is missing and the endpoint cannot be asked', async () => {
    const { endpoints = {} } = world.azure.registries.setting()[0] ?? {};
    const unresolved = Object.fromEntries(Object.keys(endpoints).map((region) => [region, nowhere]));
    const url = await hostWith({ endpoints: unresolved });
    await tellOthers('silent');
    for (const _ of [1, 2, 3]) await world.review(url);
    expect(await world.seenReplica('southeastasia')).toMatchObject({
      verdict: 'ok',
      evidence: { lateImages: { late: 0, lateInRegistry: 0, uncounted: 3 } },
    });
    expect(world.patches).toEqual([]);
  });

  it('is late where the endpoint was asked for it and does not have it, until it can be counted again', async () => {
    await tellOthers('missing');
    await world.review();
    expect(await world.seenReplica('southeastasia')).toMatchObject({
      ...{ verdict: 'flagged', disabledByUs: true },
      evidence: { lateImages: { late: 3, lateInRegistry: 3 } },
    });
    expect(routingOf('southeastasia')).toBe('disabled');
    // They arrive, and nobody can ask for the next ones.
    for (const image of images) await world.tellAll(image, ['southeastasia']);
    const { endpoints } = world.azure.registries.setting()[0] ?? {};
    const url = await hostWith({ endpoints: { ...endpoints, southeastasia: nowhere } });
    await tellOthers('uncounted');
    await reviewLater(3, url);
    expect(await world.seenReplica('southeastasia')).toMatchObject({
      verdict: 'flagged',
      evidence: { lateImages: { late: 0, uncounted: 3 } },
      awaits: [
        expect.stringMatching(/^its late images have to be counted, and to be few; now: .*unknown: 3/),
      ],
    });
    expect(routingOf('southeastasia')).toBe('disabled');
  });
});
