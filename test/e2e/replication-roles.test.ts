import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultAccess } from '../../local/azure/registries/access.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from './replication-installation.ts';

/** A registry whose endpoints are https hosts that want tokens, as in Azure. */
let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    azure: { secureRegistries: true, registryBehaviour: { copyDelayMs: [0, 0], requireToken: true } },
  });
  subscribeWebhooks(world.azure.registries, { host: world.host.url, registry: sampleRegistry.name });
});
afterAll(() => world.close());
beforeEach(() => {
  world.azure.registries.permit(registry, defaultAccess);
  world.azure.registries.change({ lackingScope: 401 });
});

/** A token is for one repository, so each image has a repository of its own. */
async function push(repository: string): Promise<void> {
  const { registries } = world.azure;
  registries.loseWebhooks(registry, 'westus', 1);
  registries.push({ registry, repository, tag: 'v1', layers: 2 });
  await registries.idle();
}

const bodySchema = v.object({
  regions: v.array(v.looseObject({ region: v.string(), state: v.string(), reason: v.optional(v.string()) })),
});

async function ask(repository: string, parameters: Readonly<Record<string, string>>) {
  const { status, body } = await world.ask('v1', { repository, ...parameters });
  const found = v.parse(bodySchema, body).regions.map((one) => [one.region, one] as const);
  return { status, at: Object.fromEntries(found) };
}

const reader = 'Container Registry Repository Reader';

describe('a registry that wants tokens', () => {
  it('is verified, and asked for layers, with tokens that go to the registry alone', async () => {
    await push('tokens/good');
    const mark = world.azure.requests.mark();
    const { status, at } = await ask('tokens/good', { pullable: 'true' });
    expect(status).toBe(200);
    for (const region of regions) {
      expect(at[region]).toMatchObject({ evidence: 'pullable', pullable: { checked: 3, missing: [] } });
    }
    const operations = world.azure.requests.since(mark).map(({ operation }) => operation);
    expect(operations.filter((name) => name.startsWith('RegistryData_'))).toEqual([]);
    expect(operations.filter((name) => name === 'Authentication_GetToken')).toHaveLength(1);
  });

  it.each([
    ['the endpoint with 401', { refusedAt: 'endpoint' }, 401],
    ['the endpoint with 403', { refusedAt: 'endpoint' }, 403],
    ['the token of the scope', { refusedAt: 'scope' }, 401],
  ] as const)('names AcrPull when that is missing, and %s is refused', async (name, access, lackingScope) => {
    const repository = `tokens/legacy-${name.replaceAll(/\W+/g, '-')}`;
    await push(repository);
    world.azure.registries.change({ lackingScope });
    world.azure.registries.permit(registry, { roles: [], ...access });
    const { at } = await ask(repository, { verify: 'true' });
    expect(at['westus']).toMatchObject({
      state: 'unverified',
      reason: expect.stringMatching(/assign the role AcrPull on the registry/),
    });
  });

  it('names the firewall when that keeps the app from its token service', async () => {
    await push('tokens/firewall');
    world.azure.registries.degradeTokenService(registry, { firewall: true });
    const { at } = await ask('tokens/firewall', { verify: 'true' });
    world.azure.registries.restoreTokenService(registry);
    expect(at['westus']).toMatchObject({
      state: 'unverified',
      reason: expect.stringMatching(/firewall.*private endpoint/),
    });
    expect(world.lines.filter((line) => line.includes('203.0.113.17'))).toEqual([]);
  });

  it('is asked with the tokens that are there while its token service is throttled', async () => {
    await push('tokens/held');
    await ask('tokens/held', { verify: 'true' });
    await push('tokens/new');
    world.azure.registries.degradeTokenService(registry, { status: 429, retryAfterSeconds: 1 });
    const { at } = await ask('tokens/new', { verify: 'true' });
    expect(at['westus']).toMatchObject({
      state: 'unverified',
      reason: 'its token service is throttled',
    });
    const held = await ask('tokens/held', { pullable: 'true' });
    for (const region of regions) expect(held.at[region]).toMatchObject({ evidence: 'pullable' });
    world.azure.registries.restoreTokenService(registry);
  });
});

describe('a registry with repository permissions', () => {
  // The mode is read again after a minute only, so a new process has to ask for it.
  beforeAll(async () => {
    await world.restartHost();
    subscribeWebhooks(world.azure.registries, { host: world.host.url, registry: sampleRegistry.name });
  });
  const permit = (roles: readonly (typeof reader | 'AcrPull')[]) =>
    world.azure.registries.permit(registry, { mode: 'AbacRepositoryPermissions', roles });

  it('does not honour AcrPull, and the reason names the role that it does', async () => {
    permit(['AcrPull']);
    await push('abac/refused');
    const { at } = await ask('abac/refused', { verify: 'true' });
    expect(at['westus']).toMatchObject({
      state: 'unverified',
      reason: expect.stringContaining(`assign the role ${reader}`),
    });
  });

  it('is verified with that role', async () => {
    permit([reader]);
    await push('abac/allowed');
    const { status, at } = await ask('abac/allowed', { pullable: 'true' });
    expect(status).toBe(200);
    for (const region of regions) expect(at[region]).toMatchObject({ evidence: 'pullable' });
  });
});
