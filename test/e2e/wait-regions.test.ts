import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runBuiltCommand } from './built-command.ts';
import { minute } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

const repository = 'div/app';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    azure: { registryBehaviour: { copyDelayMs: [0, 0] } },
    entry: () => ({ replicationSlo: 'PT0.4S' }),
  });
  const { registries } = world.azure;
  const tag = 'v1';
  const registry = 'myregistry';
  const older = registries.push({ registry, repository, tag });
  await world.tellAll({ repository, tag, digest: older, at: minute(0) });
  registries.stall(registry, 'southeastasia');
  const newer = registries.push({ registry, repository, tag });
  const others = regions.filter((region) => region !== 'southeastasia');
  await world.tellAll({ repository, tag, digest: newer, at: minute(1) }, others);
  const hasDiverged = async () => (await world.ask(tag, { repository })).status === 409;
  await vi.waitUntil(hasDiverged, { timeout: 30_000, interval: 50 });
});
afterAll(() => world.close());

const wait = (...options: readonly string[]) =>
  runBuiltCommand(world.host.url, ['wait', `myregistry/${repository}:v1`, ...options]);

describe('evenkeel wait, for a tag that another region still resolves to an older digest', () => {
  it('is satisfied by the named regions, whatever the others do', async () => {
    const { exitCode, stdout } = await wait('--regions', 'eastus,westus');
    expect(stdout).toMatch(/✔ myregistry\/div\/app:v1 \(sha256:\w{12}\) is in eastus, westus, after \d+s\n$/);
    expect(exitCode).toBe(0);
  });

  it('says so of the region that is named', async () => {
    const { exitCode, stdout } = await wait('--regions', 'eastus,southeastasia');
    expect(stdout).toMatch(
      /✖ .* resolves to another digest in southeastasia \(sha256:\w{12}\), and the objective/,
    );
    expect(stdout).toContain('  To repair southeastasia, run:\n    az acr login');
    expect(exitCode).toBe(3);
  });

  it('says so where every region counts', async () => {
    expect((await wait()).exitCode).toBe(3);
  });

  it('says as JSON what a region lacks, and keeps stderr empty', async () => {
    const { exitCode, stdout, stderr } = await wait('--regions', 'southeastasia', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'diverged',
      exitCode: 3,
      missing: ['southeastasia'],
      answer: { repairs: [{ region: 'southeastasia', commands: expect.any(Array) }] },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
  });
});
