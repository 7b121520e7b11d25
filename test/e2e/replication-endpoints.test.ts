import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { digestOf, minute } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

const patient = sampleRegistry.name;
/** Its objective passes at once. */
const hasty = 'hastyregistry';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    azure: {
      registries: [patient, hasty].map((name) => ({ ...sampleRegistry, name })),
      registryBehaviour: { copyDelayMs: [0, 0] },
    },
    entry: (name) => (name === hasty ? { replicationSlo: 'PT0.001S' } : {}),
  });
  const { registries } = world.azure;
  for (const registry of [patient, hasty]) subscribeWebhooks(registries, { host: world.host.url, registry });
});
afterAll(() => world.close());

/** Pushes `v1`; resolves with its digest when every native webhook that is not lost was answered. */
async function push(repository: string, { registry = patient, lostIn = '' } = {}): Promise<string> {
  const { registries } = world.azure;
  if (lostIn !== '') registries.loseWebhooks(registry, lostIn, 1);
  const digest = registries.push({ registry, repository, tag: 'v1' });
  await registries.idle();
  return digest;
}

const bodySchema = v.object({
  regions: v.array(
    v.object({
      region: v.string(),
      state: v.string(),
      evidence: v.optional(v.string()),
      reason: v.optional(v.string()),
      verifiedAt: v.optional(v.string()),
    }),
  ),
});

/** The status of an answer, and what it says of each region. */
async function ask(
  repository: string,
  parameters: Readonly<Record<string, string>>,
  registry: string = patient,
) {
  const { status, body } = await world.ask('v1', { repository, registry, ...parameters });
  const found = v.parse(bodySchema, body).regions.map((one) => [one.region, one] as const);
  return { status, at: Object.fromEntries(found) };
}

const manifestRequests = (mark: number) =>
  world.azure.requests
    .since(mark)
    .filter(({ operation }) => operation.startsWith('Manifests_'))
    .map(({ method, id }) => `${method} ${/registry-endpoints\/\w+\/(\w+)/.exec(id)?.[1]}`);

describe('a region that refuses', () => {
  it('behind a firewall is unverified with that reason, and no line shows an address', async () => {
    await push('refused/firewall', { lostIn: 'westus' });
    world.azure.registries.degrade(patient, 'westus', { firewall: true });
    const { status, at } = await ask('refused/firewall', { verify: 'true' });
    world.azure.registries.restore(patient, 'westus');
    expect(status).toBe(202);
    expect(at['westus']).toEqual({
      region: 'westus',
      state: 'unverified',
      reason: expect.stringMatching(/firewall.*private endpoint/),
    });
    expect(at['westus']?.reason).not.toContain('AcrPull');
    expect(world.lines.filter((line) => line.includes('203.0.113.17'))).toEqual([]);
  });

  it('for want of a role is unverified with the role', async () => {
    await push('refused/role', { lostIn: 'westus' });
    const denied = { code: 'DENIED', message: 'requested access to the resource is denied' };
    const { remove } = world.azure.faults.add({
      match: ({ id }) => id.includes('/westus/v2/refused/role/'),
      ...{ kind: 'status', status: 403, body: { errors: [denied] } },
    });
    const { at } = await ask('refused/role', { verify: 'true' });
    remove();
    expect(at['westus']).toMatchObject({
      state: 'unverified',
      reason: expect.stringContaining('assign the role AcrPull'),
    });
  });

  it.each([
    ['HEAD', { kind: 'status', status: 405 } as const],
    ['to name the digest', { kind: 'withoutMembers', members: ['docker-content-digest'] } as const],
  ])('%s is read with GET', async (name, effect) => {
    const repository = `refused/${name.toLowerCase().replaceAll(' ', '-')}`;
    await push(repository, { lostIn: 'westus' });
    const { remove } = world.azure.faults.add({
      method: 'HEAD',
      match: ({ id }) => id.includes(`/westus/v2/${repository}/`),
      ...effect,
    });
    const { status, at } = await ask(repository, { verify: 'true' });
    remove();
    expect(status).toBe(200);
    expect(at['westus']).toMatchObject({ state: 'available', evidence: 'verified' });
  });
});

describe('what was verified', () => {
  it('counts until the objective has passed since', async () => {
    await push('age/young');
    const first = await ask('age/young', { verify: 'true' });
    const mark = world.azure.requests.mark();
    const second = await ask('age/young', { verify: 'true' });
    expect(manifestRequests(mark)).toEqual([]);
    for (const region of regions) {
      expect(second.at[region]?.verifiedAt).toBe(first.at[region]?.verifiedAt);
      expect(second.at[region]?.verifiedAt).toMatch(/^\d{4}-/);
    }
  });

  it('is asked for anew after that when a question wants it, and shows the new time', async () => {
    await push('age/old', { registry: hasty });
    const first = await ask('age/old', { verify: 'true' }, hasty);
    const mark = world.azure.requests.mark();
    expect((await ask('age/old', {}, hasty)).at).toEqual(first.at);
    expect(manifestRequests(mark)).toEqual([]);
    const second = await ask('age/old', { verify: 'true' }, hasty);
    expect(manifestRequests(mark).toSorted()).toEqual(regions.map((region) => `HEAD ${region}`));
    for (const region of regions) {
      const [before = '', after = ''] = [first, second].map(({ at }) => at[region]?.verifiedAt);
      expect(Date.parse(after)).toBeGreaterThan(Date.parse(before));
    }
  });
});

describe('an image that was withdrawn', () => {
  it('is gone when every region told its deletion, and no endpoint is asked then', async () => {
    const digest = await push('gone/told');
    expect((await ask('gone/told', { gone: 'true' })).status).toBe(202);
    world.azure.registries.stall(patient, 'westus');
    world.azure.registries.delete({ registry: patient, repository: 'gone/told', digest });
    await world.azure.registries.idle();
    const { status, at } = await ask('gone/told', { gone: 'true' });
    expect(status).toBe(202);
    expect(at['westus']).toMatchObject({ state: 'present' });
    expect(at['eastus']).toMatchObject({ state: 'gone' });
    world.azure.registries.resume(patient, 'westus');
    await world.azure.registries.idle();
    const mark = world.azure.requests.mark();
    const end = await ask('gone/told', { gone: 'true', wait: '30' });
    expect(end.status).toBe(200);
    expect(Object.values(end.at).map(({ state }) => state)).toEqual(regions.map(() => 'gone'));
    expect(manifestRequests(mark)).toEqual([]);
  });

  it('is gone where the endpoint has it no more, when the webhook of the deletion was lost', async () => {
    const digest = await push('gone/asked');
    world.azure.registries.loseWebhooks(patient, 'westeurope', 1);
    world.azure.registries.delete({ registry: patient, repository: 'gone/asked', digest });
    await world.azure.registries.idle();
    const mark = world.azure.requests.mark();
    expect((await ask('gone/asked', { gone: 'true' })).status).toBe(200);
    expect(manifestRequests(mark)).toEqual(['GET westeurope']);
  });

  it('is not gone where something that is no registry answers 404', async () => {
    const digest = await push('gone/proxied');
    world.azure.registries.loseWebhooks(patient, 'westeurope', 1);
    world.azure.registries.delete({ registry: patient, repository: 'gone/proxied', digest });
    await world.azure.registries.idle();
    const { remove } = world.azure.faults.add({
      match: ({ id }) => id.includes('/westeurope/v2/gone/proxied/'),
      ...{ kind: 'status', status: 404, text: '<html>Not Found</html>' },
    });
    const { status, at } = await ask('gone/proxied', { gone: 'true' });
    remove();
    expect(status).toBe(202);
    expect(at['westeurope']).toEqual({
      region: 'westeurope',
      state: 'present',
      reason: expect.stringContaining('not as a registry does'),
    });
    expect((await ask('gone/proxied', { gone: 'true' })).status).toBe(200);
  });

  it('is deleted where a copy came late, and the notice that it is gone again was lost', async () => {
    const image = { registry: hasty, repository: 'gone/late', digest: digestOf('gone/late'), tag: 'v1' };
    for (const [region, action, at] of [
      ['eastus', 'push', minute(0)],
      ['eastus', 'delete', minute(1)],
      ['westus', 'push', minute(2)],
    ] as const)
      expect(await world.tell({ ...image, region, action, at })).toBe(200);
    const state = async () => (await ask('gone/late', {}, hasty)).status;
    expect(await state()).toBe(202);
    const reviewed = async () => {
      await world.review();
      return state();
    };
    await expect.poll(reviewed, { interval: 100, timeout: 30_000 }).toBe(410);
    expect(world.signals('evenkeel.registry.replicationStalled')).not.toContainEqual(
      expect.objectContaining({ subject: 'gone/late:v1' }),
    );
  });

  it('is answered 404 when nobody ever saw it', async () => {
    expect((await world.ask('v1', { repository: 'gone/unseen', gone: 'true' })).status).toBe(404);
  });
});
