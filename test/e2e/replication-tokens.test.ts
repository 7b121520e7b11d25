import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

const registry = sampleRegistry.name;
const other = 'otherregistry';
/** Its repositories have permissions, and the app's identity has AcrPull. */
const abac = 'abacregistry';

const bodySchema = v.object({
  regions: v.array(v.object({ region: v.string(), state: v.string(), reason: v.optional(v.string()) })),
});

/** The app is a process that trusts the certificate of the local Azure and has a managed identity there. */
describe('a registry that asks for a token', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication({
      azure: {
        registries: [registry, other, abac].map((name) => ({ ...sampleRegistry, name })),
        secureRegistries: true,
        registryBehaviour: { copyDelayMs: [0, 0], requireToken: true },
      },
    });
    const { registries } = world.azure;
    registries.permit(abac, { mode: 'AbacRepositoryPermissions' });
    for (const name of [registry, other, abac])
      subscribeWebhooks(registries, { host: world.host.url, registry: name });
  });
  afterAll(() => world.close());

  let mark = 0;
  beforeEach(() => {
    mark = world.azure.requests.mark();
  });

  /** How often the app asked for tokens since the test began. */
  const tokenRequests = () => {
    const count = (name: string) =>
      world.azure.requests.since(mark).filter(({ operation }) => operation === name).length;
    return {
      identity: count('ManagedIdentity_GetToken'),
      exchanges: count('Authentication_ExchangeToken'),
      tokens: count('Authentication_GetToken'),
    };
  };
  /** Pushes an image of which no webhook comes, and asks the endpoints for it. */
  const verify = async (repository: string, name: string = registry) => {
    const { registries } = world.azure;
    for (const region of regions.slice(1)) registries.loseWebhooks(name, region, 1);
    registries.push({ registry: name, repository, tag: 'v1' });
    await registries.idle();
    const { body } = await world.ask('v1', { repository, registry: name, verify: 'true' });
    return v.parse(bodySchema, body).regions;
  };
  const states = (found: Awaited<ReturnType<typeof verify>>) => found.map(({ state }) => state);
  const available = regions.map(() => 'available');

  it('gets one of the managed identity, for all its regions, and is asked with it', async () => {
    expect(states(await verify('tokens/first'))).toEqual(available);
    const asked = tokenRequests();
    expect([asked.identity, asked.exchanges, asked.tokens]).toEqual([1, 1, 1]);
    expect(states(await verify('tokens/second'))).toEqual(available);
    expect(tokenRequests()).toEqual({ identity: 1, exchanges: 1, tokens: 2 });
  });

  it('that honours only the roles of repositories names the one that is missing', async () => {
    const refused = await verify('tokens/acr-pull', abac);
    expect(states(refused)).toEqual(['available', 'unverified', 'unverified', 'unverified']);
    for (const { reason } of refused.slice(1))
      expect(reason).toContain('assign the role Container Registry Repository Reader');
    world.azure.registries.permit(abac, { roles: ['Container Registry Repository Reader'] });
    expect(states(await verify('tokens/reader', abac))).toEqual(available);
  });

  it('whose token service is throttled leaves other registries their tokens', async () => {
    world.azure.registries.degradeTokenService(registry, { status: 429, retryAfterSeconds: 1 });
    const throttled = await verify('tokens/throttled');
    world.azure.registries.restoreTokenService(registry);
    expect(states(throttled)).toEqual(['available', 'unverified', 'unverified', 'unverified']);
    expect(states(await verify('tokens/throttled', other))).toEqual(available);
  });
});
