import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageSpec } from '../../local/azure/registries/images.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { runBuiltCommand } from './built-command.ts';
import { installReplication, type ReplicationInstallation, registry } from './replication-installation.ts';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({ azure: { registryBehaviour: { copyDelayMs: [0, 0] } } });
  subscribeWebhooks(world.azure.registries, { host: world.host.url, registry });
});
afterAll(() => world.close());

/** Pushes an image under the tag v1; resolves when every native webhook was answered. */
async function push(image: Omit<ImageSpec, 'tag'>) {
  const digest = world.azure.registries.push({ registry, tag: 'v1', ...image });
  await world.azure.registries.idle();
  return { digest, parts: world.azure.registries.partsOf(registry, image.repository, digest) };
}

const wait = (repository: string, ...options: readonly string[]) =>
  runBuiltCommand(world.host.url, ['wait', `${registry}/${repository}:v1`, ...options]);
const shortened = (digest = '') => digest.slice(0, 'sha256:'.length + 12);

describe('evenkeel wait --min-evidence pullable', () => {
  it('names the layer that a region lacks, and ends when it has come', async () => {
    const repository = 'wait/scattered';
    const { parts } = await push({ repository, missing: [{ region: 'westus', part: 'layer' }] });
    const lacking = await wait(repository, '--min-evidence', 'pullable', '--timeout', '2s');
    expect(lacking.stdout).toContain(`westus: lacks ${shortened(parts.layers[0])}, 3 of 4`);
    expect(lacking.stdout).toMatch(/✖ .* is still missing after 2s in westus \(lacks sha256:\w{12}\)\n/);
    expect(lacking.stdout).toContain('  To repair westus, run:\n');
    expect(lacking.exitCode).toBe(2);
    // Weaker evidence does not ask for layers, and named regions not for those of others.
    expect((await wait(repository, '--min-evidence', 'verified')).exitCode).toBe(0);
    expect((await wait(repository, '--min-evidence', 'pullable', '--regions', 'eastus')).exitCode).toBe(0);
    world.azure.registries.repair(registry, 'westus');
    expect((await wait(repository, '--min-evidence', 'pullable')).exitCode).toBe(0);
  });
});

describe('evenkeel wait --closure', () => {
  it('waits for the image of each platform', async () => {
    const repository = 'wait/platforms';
    const missing = [{ region: 'westus', part: 'manifest', platform: 'linux/arm64' }] as const;
    await push({ repository, platforms: ['linux/amd64', 'linux/arm64'], missing });
    expect((await wait(repository)).exitCode).toBe(0);
    const lacking = await wait(repository, '--closure', '--timeout', '2s');
    expect(lacking.stdout).toMatch(/in westus \(lacks 1 platform image \(sha256:\w{12}\)\)\n/);
    expect(lacking.exitCode).toBe(2);
    world.azure.registries.repair(registry, 'westus');
    expect((await wait(repository, '--closure')).exitCode).toBe(0);
  });

  it('ends for an image of one platform', async () => {
    const repository = 'wait/single';
    await push({ repository });
    const { exitCode, stdout } = await wait(repository, '--closure', '--timeout', '20s');
    expect(exitCode, stdout).toBe(0);
  });

  it('waits for the layers of each platform, too, where a pull has to work', async () => {
    const repository = 'wait/platform-layer';
    const missing = [{ region: 'westus', part: 'layer', platform: 'linux/arm64' }] as const;
    await push({ repository, platforms: ['linux/amd64', 'linux/arm64'], missing });
    const { exitCode, stdout } = await wait(
      repository,
      '--closure',
      '--min-evidence',
      'pullable',
      '--timeout',
      '2s',
    );
    expect(stdout).toMatch(/✖ .* is still missing after 2s in westus \(lacks sha256:\w{12}/);
    expect(exitCode).toBe(2);
  });
});

describe('evenkeel wait --gone', () => {
  it('waits until the image is gone from every region, and names those that still have it', async () => {
    const repository = 'wait/withdrawn';
    const { digest } = await push({ repository });
    const there = await wait(repository, '--gone', '--timeout', '1s');
    expect(there.stdout).toMatch(/✖ .* is not gone after 1s in eastus \(still has it\), /);
    expect(there.exitCode).toBe(2);

    world.azure.registries.stall(registry, 'westus');
    world.azure.registries.delete({ registry, repository, digest });
    const halfway = await wait(`${repository}`, '--gone', '--regions', 'eastus');
    expect(halfway.stdout).toMatch(/✔ .* is gone from eastus, after \d+s\n$/);
    expect(halfway.exitCode).toBe(0);
    const left = await wait(repository, '--gone', '--timeout', '1s', '--json');
    expect(JSON.parse(left.stdout)).toMatchObject({ outcome: 'timedOut', exitCode: 2, present: ['westus'] });

    world.azure.registries.resume(registry, 'westus');
    await world.azure.registries.idle();
    const gone = await wait(repository, '--gone');
    expect(gone.stdout).toMatch(/✔ .* is gone from eastus, southeastasia, westeurope, westus, after \d+s\n$/);
    expect(gone.exitCode).toBe(0);
  });

  it('exits with 2 for an image that was never seen', async () => {
    const { exitCode, stdout } = await wait('wait/unseen', '--gone', '--timeout', '1s');
    expect(stdout).toContain('✖ evenkeel has not seen');
    expect(exitCode).toBe(2);
  });
});
