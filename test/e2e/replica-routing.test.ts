import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { runCommand } from '../cli/run-command.ts';
import { digestOf } from './registry-notifications.ts';
import { installRouting, prompt, type RoutingInstallation } from './routing-installation.ts';

/** Reviewed by the default rules: raised by 3 bad reviews of 5, cleared by 5 good ones. */
const registry = sampleRegistry.name;
/** Its objective passes at once, and one review decides. */
const hasty = 'hastyregistry';

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({
    azure: { registries: [sampleRegistry, { ...sampleRegistry, name: hasty }] },
    entry: (name) => (name === hasty ? { ...prompt, replicationSlo: 'PT0.1S' } : {}),
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.begin(hasty);
  await world.begin();
});

const fail = (region: string, name = registry) =>
  world.azure.registries.degrade(name, region, { status: 503 });
const review = async (times: number) => {
  for (let run = 0; run < times; run++) await world.review();
};
const verdict = async (region: string) => (await world.seenReplica(region)).verdict;

describe('a flag', () => {
  it('is raised after the hysteresis, tells why and what to do, and changes nothing', async () => {
    fail('westus');
    await review(2);
    expect(await verdict('westus')).toBe('ok');
    expect(world.told()).toEqual([]);
    await review(1);
    expect(await verdict('westus')).toBe('flagged');
    expect(world.patches).toEqual([]);
    const command = (value: boolean) =>
      `az acr replication update --registry ${registry} --name westus --resource-group rg-registry --subscription ${sampleSubscriptionId} --global-endpoint-routing ${value}`;
    expect(world.told()).toEqual([
      expect.objectContaining({
        type: 'evenkeel.replica.flagged',
        source: world.azure.registries.id(registry),
        subject: world.azure.registries.replicationId(registry, 'westus'),
        data: {
          ...{ registry, replica: 'westus', region: 'westus', verdict: 'flagged', mode: 'flag' },
          since: expect.any(String),
          reasons: ['its regional endpoint is unavailable: answered 503'],
          because: ['its regional endpoint is unavailable: answered 503'],
          reviews: Array.from({ length: 3 }, () => ({ at: expect.any(String), health: 'bad' })),
          evidence: {
            provisioning: expect.objectContaining({ state: 'Succeeded', displayStatus: 'Ready' }),
            reachability: expect.objectContaining({ kind: 'failing', reason: 'answered 503' }),
            lateImages: { late: 0, lateInRegistry: 0 },
            policy: null,
          },
          interlocks: [
            ...['minimumRoutable', 'commonCause', 'controlPlane', 'changeBudget', 'holdDown'],
            ...['anotherWriter', 'homeRegion'],
          ].map((rule) => ({ rule, pass: true, detail: expect.any(String) })),
          action: { do: 'nothing', because: 'ROUTING_MODE is flag' },
          routing: 'enabled',
          commands: {
            ...{ off: command(false), on: command(true) },
            note: expect.stringContaining('before 2.86 has --region-endpoint-enabled'),
          },
          repeat: 0,
          notes: ['Azure Resource Health calls the registry Available'],
          awaits: [expect.stringMatching(/^its regional endpoint has to answer 200 or 401; now: .*503$/)],
        },
      }),
    ]);
    const line = world.lines.findLast((text) => text.includes('replica reviewed'));
    expect(line).toContain('"region":"westus","happened":"flagged"');
    const { exitCode, stdout } = await runCommand(['flags', '--app', world.host.url]);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining(command(false)),
    });
  });

  it('that stays is told again after an hour, and not before', async () => {
    fail('westus');
    await review(3);
    await world.letPass(59);
    await review(2);
    expect(world.told()).toHaveLength(1);
    await world.letPass(2);
    await review(2);
    const told = world.told();
    expect(told.map(({ type }) => type)).toEqual(['evenkeel.replica.flagged', 'evenkeel.replica.flagged']);
    // The same fact: whoever drops repeats by their id sees one.
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told.map(({ data }) => data['repeat'])).toEqual([0, 1]);
  });

  it('is cleared by good reviews in a row, which is told once', async () => {
    fail('westus');
    await review(3);
    world.azure.registries.restore(registry, 'westus');
    await review(4);
    expect(await verdict('westus')).toBe('flagged');
    await review(3);
    expect(await verdict('westus')).toBe('ok');
    expect(world.told().map(({ type }) => type)).toEqual([
      'evenkeel.replica.flagged',
      'evenkeel.replica.cleared',
    ]);
    expect(world.told().at(-1)).toMatchObject({ data: { region: 'westus', reason: 'recovered' } });
  });

  it('is not raised by an endpoint that asks for less traffic', async () => {
    world.azure.registries.degrade(registry, 'westus', { status: 429, retryAfterSeconds: 0 });
    await review(4);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'ok', reasons: [] },
      evidence: { reachability: { kind: 'throttled' } },
    });
  });

  it('is raised where three images are late, and nowhere else', async () => {
    for (const name of ['one', 'two', 'three']) {
      const image = { digest: digestOf(name), repository: `late/${name}`, registry: hasty };
      await world.tellAll(image, ['eastus', 'westus', 'southeastasia']);
      const state = async () => (await world.ask(image.digest, image)).body['state'];
      await expect.poll(state, { interval: 20, timeout: 5_000 }).toBe('stalled');
    }
    await world.review();
    const { replicas } = await world.seen(hasty);
    expect(replicas.filter((one) => one.verdict === 'flagged')).toMatchObject([
      {
        region: 'westeurope',
        reasons: ['it is falling behind on images: 3 of the 3 late images in the registry'],
        evidence: { lateImages: { late: 3, lateInRegistry: 3 }, reachability: { kind: 'alive' } },
      },
    ]);
  });
});

const hours = (offset: number) => new Date(Date.now() + offset * 3_600_000).toISOString();

describe('with other entries in REGISTRIES', () => {
  /** Of a host that has them. */
  let url: string;
  beforeAll(async () => {
    const id = world.azure.registries.id(registry);
    const known = world.azure.registries.setting().find((entry) => entry.id === id);
    const policy = [
      { region: 'westus', routing: 'never' },
      { region: 'westeurope', routing: 'off', from: hours(-1), to: hours(1) },
      { region: 'southeastasia', routing: 'off', from: hours(1), to: hours(2) },
      { region: 'brazilsouth', routing: 'never' },
    ];
    const entries = [
      { ...known, policy },
      { id: id.replace(registry, 'absentregistry') },
      { id: id.replace(registry, 'mistaken'), minimumRoutable: 0 },
    ];
    ({ url } = await world.startHost({ REGISTRIES: JSON.stringify(entries) }));
  });

  it('a policy flags a well replica at the first review, and good reviews under it count', async () => {
    await world.review(url);
    const { replicas } = await world.seen();
    expect(replicas.filter((one) => one.verdict === 'flagged')).toMatchObject([
      {
        region: 'westeurope',
        reasons: [expect.stringMatching(/^a maintenance window keeps it out of global routing: until 2/)],
      },
      { region: 'westus', reasons: ['the policy of the registry keeps it out of global routing'] },
    ]);
    expect(world.told().map(({ data }) => data.region)).toEqual(['westeurope', 'westus']);
    // What was seen of them under the policy counts: with four more they were well five times.
    await review(3);
    expect([await verdict('westeurope'), await verdict('westus')]).toEqual(['flagged', 'flagged']);
    await review(1);
    expect([await verdict('westeurope'), await verdict('westus')]).toEqual(['ok', 'ok']);
  });

  it('one that is wrong keeps no other from being reviewed, and the status says which it is', async () => {
    const refused = () => world.lines.filter((line) => line.includes('registry not reviewed')).length;
    const before = refused();
    await world.review(url);
    expect(refused()).toBe(before + 1);
    expect((await world.seen()).replicas).toHaveLength(4);
    const told = (await world.status(url)).problems.map(({ code, message }) => `${code}: ${message}`);
    expect(told).toContainEqual(
      `registryProblem: ${registry} has no replica in brazilsouth, although policy in REGISTRIES names it`,
    );
    expect(told).toContainEqual(
      expect.stringMatching(
        /^controlPlaneFrozen: routing decisions for absentregistry are paused: .*absentregistry/,
      ),
    );
    expect(told).toContainEqual(
      expect.stringMatching(
        /^settingBad: REGISTRIES\[2\]\.minimumRoutable: found 0, expected a whole number/,
      ),
    );
  });
});

describe('one review', () => {
  it('asks Resource Manager for each replica by id once, and for the registry and the list once more for the images', async () => {
    await world.review();
    const mark = world.azure.requests.mark();
    await world.review();
    const calls = world.azure.requests.since(mark).filter(({ id }) => id.includes(`/${registry}`));
    const counts = Map.groupBy(calls, ({ operation }) => operation);
    expect(Object.fromEntries([...counts].map(([operation, { length }]) => [operation, length]))).toEqual({
      AvailabilityStatuses_GetByResource: 1,
      Registries_Get: 2,
      Replications_List: 2,
      Replications_Get: 4,
      RegistryEndpoint_Ping: 4,
    });
  });
});
