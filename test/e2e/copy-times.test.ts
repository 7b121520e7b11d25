import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseStatus } from '../../src/status/schema.ts';
import { runCommand } from '../cli/run-command.ts';
import { digestOf } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

describe('copies of images', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication({ entry: () => ({ replicationSlo: 'PT1S' }) });
  });
  afterAll(() => world.close());

  const evenkeel = (...args: readonly string[]) => runCommand([...args, '--app', world.host.url]);
  async function status() {
    const document = parseStatus(await (await fetch(`${world.host.url}/api/status`)).json());
    if (document === undefined) throw new Error('this is no status document');
    return document;
  }

  it('are measured by region, once they are everywhere, and reported', async () => {
    expect((await status()).copyTimes).toEqual([]);
    for (const name of ['first', 'second']) {
      await world.tellAll({ repository: 'team/measured', digest: digestOf(name), tag: name });
    }
    await world.review();
    const { copyTimes, history } = await status();
    const copied = history?.copies?.map(({ region, copies }) => [
      region,
      copies.reduce((sum, [, number = 0]) => sum + number, 0),
    ]);
    expect(copied).toEqual(regions.map((region) => [region, 2]));
    expect(copyTimes.map(({ region, samples }) => [region, samples])).toEqual(
      regions.map((region) => [region, 2]),
    );
    for (const times of copyTimes) {
      expect(times).toMatchObject({
        registry: 'myregistry',
        loginServer: 'myregistry.azurecr.io',
        objectiveMs: 1_000,
      });
      expect(times.p50Ms).toBeLessThanOrEqual(times.p95Ms);
    }
    expect(Math.min(...copyTimes.map(({ p50Ms }) => p50Ms))).toBe(0);
    const { exitCode, stdout } = await evenkeel('report');
    expect(stdout).toMatch(
      /^myregistry\.azurecr\.io {2}objective 1s\nregion +copies +p50 +p95 +in time\neastus +2 /,
    );
    expect(exitCode).toBe(0);
  });

  it('that miss a region name their repair wherever they are told of', async () => {
    const repository = 'team/missing';
    const digest = digestOf('missing');
    await world.tell({ repository, digest, tag: 'v1', region: 'eastus' });
    const stalled = async () => (await status()).images.open.find(({ state }) => state === 'stalled');
    await vi.waitUntil(stalled, { timeout: 30_000, interval: 50 });
    const commandsFor = (region: string) => [
      'az acr login --name myregistry --endpoint eastus',
      `az acr login --name myregistry --endpoint ${region}`,
      `skopeo copy --all --preserve-digests docker://myregistry.eastus.geo.azurecr.io/${repository}@${digest} docker://myregistry.${region}.geo.azurecr.io/${repository}:v1`,
    ];
    const repairs = regions
      .filter((region) => region !== 'eastus')
      .map((region) => ({ region, from: 'eastus', commands: commandsFor(region) }));

    expect(await stalled()).toMatchObject({ repository, tag: 'v1', repairs });
    expect((await world.ask('v1', { repository })).body).toMatchObject({ state: 'stalled', repairs });
    await world.review();
    const signal = world.azure
      .topic('evenkeel')
      .events.find((event) => event['type'] === 'evenkeel.registry.replicationStalled');
    expect(v.parse(v.object({ data: v.object({ repairs: v.unknown() }) }), signal).data.repairs).toEqual(
      repairs,
    );

    const report = await evenkeel('report');
    expect(report.exitCode).toBe(3);
    expect(report.stdout).toContain(
      commandsFor('westus')
        .map((command) => `    ${command}\n`)
        .join(''),
    );
    const wait = await evenkeel('wait', `myregistry/${repository}:v1`, '--regions', 'eastus,westus');
    expect(wait.exitCode).toBe(3);
    expect(wait.stdout).toContain(
      ['  To repair westus, run:', ...commandsFor('westus').map((command) => `    ${command}`), ''].join(
        '\n',
      ),
    );
    expect(wait.stdout).not.toContain('westeurope');
  });
});
