import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArmAnswer } from '../../local/azure/arm/operation.ts';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { digestOf, minute, registryEvent } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

const replicated = 'evenkeel.registry.replicated';
/** Each test has a registry of its own, whose replicas it may change. */
const names = [
  'lyingregistry',
  'failedregistry',
  'seededregistry',
  'aloneregistry',
  'grownregistry',
  'goneregistry',
];

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({
    regionToCome: 'northeurope',
    azure: {
      registries: names.map((name) => ({
        ...sampleRegistry,
        name,
        ...(name === 'aloneregistry' ? { replicas: [], hasHomeReplication: false } : {}),
      })),
      registryBehaviour: { copyDelayMs: [0, 0] },
    },
  });
  // Nobody has looked at it before.
  world.azure.registries.setReplica('seededregistry', 'westus', { displayStatus: 'Syncing' });
});
afterAll(() => world.close());

const lies: (() => void)[] = [];
afterEach(() => {
  for (const end of lies.splice(0)) end();
});

/** A list that leaves out a region. */
function withoutRegion(region: string): (answer: ArmAnswer) => ArmAnswer {
  return (answer) => {
    const { value } = answer.body as { value: { location: string }[] };
    const left = value.filter(({ location }) => location.replaceAll(' ', '').toLowerCase() !== region);
    return { ...answer, body: { ...(answer.body as object), value: left } };
  };
}

/** Lets the list of a registry's replications leave out a region, until the test ends. */
function hideFromList(registry: string, region: string): void {
  const { remove } = world.azure.faults.add({
    kind: 'changedAnswer',
    match: new RegExp(`^GET .*/registries/${registry}/replications$`, 'i'),
    change: withoutRegion(region),
  });
  lies.push(remove);
}

const state = (region: string, body: Readonly<Record<string, unknown>>) =>
  (body['regions'] as { region: string; state: string }[]).find((one) => one.region === region)?.state;

describe('a replica that the list leaves out', () => {
  const registry = 'lyingregistry';

  it('is waited for as before, also by a process that begins then', async () => {
    const image = { registry, repository: 'team/lied', digest: digestOf('lied'), tag: 'v1' };
    await world.tellAll(image, ['eastus']);
    await world.review();
    hideFromList(registry, 'westus');
    const { url } = await world.startHost();
    for (const region of ['southeastasia', 'westeurope'])
      expect(await world.tell({ ...image, region }, url)).toBe(200);
    const answer = await world.ask('v1', { registry, repository: image.repository }, url);
    expect(answer.status).toBe(202);
    expect(state('westus', answer.body)).toBe('waiting');

    // Also by an image that this process sees first.
    const next = { ...image, repository: 'team/lied-next' };
    for (const region of regions.slice(0, 3)) expect(await world.tell({ ...next, region }, url)).toBe(200);
    const second = await world.ask('v1', { registry, repository: next.repository }, url);
    expect([second.status, state('westus', second.body)]).toEqual([202, 'waiting']);
    expect(world.signals(replicated)).toEqual([]);

    // Its webhook comes once.
    for (const repository of [image.repository, next.repository]) {
      expect(await world.tell({ ...image, repository, region: 'westus' }, url)).toBe(200);
      expect((await world.ask('v1', { registry, repository }, url)).status).toBe(200);
    }
  });

  it('has its webhook accepted by a process that never saw it, because it is found by its id', async () => {
    hideFromList(registry, 'westeurope');
    const { url } = await world.startHost();
    const image = { registry, repository: 'team/unseen', digest: digestOf('unseen'), tag: 'v1' };
    expect(await world.tell({ ...image, region: 'westeurope' }, url)).toBe(200);
  });

  it('is told from a region that is none, by the read of its id', async () => {
    const image = { registry, repository: 'team/nowhere', digest: digestOf('nowhere'), tag: 'v1' };
    const before = world.tables.requests.length;
    const { status, body } = await world.send({ ...image, region: 'narnia' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'regionUnknown' } });
    const writes = world.tables.requests.slice(before).filter(({ method }) => method !== 'GET');
    expect(writes).toEqual([]);
  });
});

it('a replica is waited for though its last change failed, as long as it is routed', async () => {
  const registry = 'failedregistry';
  const image = { registry, repository: 'team/failed', digest: digestOf('failed'), tag: 'v1' };
  world.azure.registries.setReplica(registry, 'westeurope', { provisioningState: 'Failed' });
  await world.tellAll(image, ['eastus', 'southeastasia', 'westus']);
  const { status, body } = await world.ask('v1', { registry, repository: image.repository });
  expect(status).toBe(202);
  expect(body['state']).toBe('pending');
  expect(state('westeurope', body)).toBe('waiting');
});

it('a replica that has done nothing but sync is not waited for, and is named as seeding', async () => {
  const registry = 'seededregistry';
  const image = { registry, repository: 'team/seeded', digest: digestOf('seeded'), tag: 'v1' };
  const { registries } = world.azure;
  await world.tellAll(image, ['eastus', 'southeastasia', 'westeurope']);
  const first = await world.ask('v1', { registry, repository: image.repository });
  expect(first.status).toBe(200);
  expect(first.body['leftOut']).toEqual([{ region: 'westus', reason: 'seeding' }]);

  // Once it was ready it is a replica like any other, whatever it does.
  registries.setReplica(registry, 'westus', { displayStatus: 'Ready' });
  await world.review();
  registries.setReplica(registry, 'westus', { displayStatus: 'Syncing' });
  const { url } = await world.startHost();
  const next = { ...image, repository: 'team/seeded-next' };
  for (const region of ['eastus', 'southeastasia', 'westeurope'])
    expect(await world.tell({ ...next, region }, url)).toBe(200);
  const second = await world.ask('v1', { registry, repository: next.repository }, url);
  expect([second.status, state('westus', second.body)]).toEqual([202, 'waiting']);
});

it('an image is everywhere in its home region where no replication is listed', async () => {
  const registry = 'aloneregistry';
  const image = { registry, repository: 'team/alone', digest: digestOf('alone'), tag: 'v1' };
  await world.tellAll(image, ['eastus']);
  expect((await world.ask('v1', { registry, repository: image.repository })).status).toBe(200);
  expect(world.signalIds(replicated, 'team/alone:v1')).toHaveLength(1);
});

it('a new tag on an old digest waits for the replicas of its own first fact', async () => {
  const registry = 'grownregistry';
  const image = { registry, repository: 'team/grown', digest: digestOf('grown'), tag: 'old' };
  const ask = (reference: string, via?: string) =>
    world.ask(reference, { registry, repository: image.repository }, via);
  await world.tellAll(image);
  expect((await ask('old')).status).toBe(200);
  world.azure.registries.addReplica(registry, 'northeurope');
  world.azure.registries.setReplica(registry, 'northeurope', {
    provisioningState: 'Succeeded',
    displayStatus: 'Ready',
  });
  const { url } = await world.startHost();
  const fresh = { ...image, tag: 'fresh', at: minute(5) };
  for (const region of regions) expect(await world.tell({ ...fresh, region }, url)).toBe(200);
  const answer = await ask('fresh', url);
  expect([answer.status, state('northeurope', answer.body)]).toEqual([202, 'waiting']);
  expect(world.signalIds(replicated, 'team/grown:fresh')).toEqual([]);
  for (const reference of ['old', image.digest]) {
    const { status, body } = await ask(reference, url);
    expect(status).toBe(200);
    expect(body['leftOut']).toEqual([{ region: 'northeurope', reason: 'addedLater' }]);
  }
  expect(await world.tell({ ...fresh, region: 'northeurope' }, url)).toBe(200);
  expect((await ask('fresh', url)).status).toBe(200);
});

describe('a deletion that travels', () => {
  const registry = 'goneregistry';
  const at = (seconds: number) => minute(seconds / 60);

  it('behind a push again takes nothing from it', async () => {
    const image = { registry, repository: 'team/again', digest: digestOf('again'), tag: 'v1' };
    const { tag: _, ...deleted } = image;
    const tell = async (region: string, seconds: number, action: 'push' | 'delete' = 'push') => {
      const what = action === 'push' ? image : deleted;
      expect(await world.tell({ ...what, region, at: at(seconds), action })).toBe(200);
    };
    const ask = () => world.ask('v1', { registry, repository: image.repository });
    for (const region of regions) await tell(region, -60);
    await tell('eastus', -30, 'delete');
    await tell('westus', -29, 'delete');
    const { status, body } = await ask();
    expect(status).toBe(410);
    expect(body['regions']).toMatchObject([
      { region: 'eastus', state: 'gone' },
      { region: 'southeastasia', state: 'present' },
      { region: 'westeurope', state: 'present' },
      { region: 'westus', state: 'gone' },
    ]);
    await tell('eastus', -20);
    await tell('westus', -18);
    expect((await ask()).status).toBe(202);
    await tell('southeastasia', -10, 'delete');
    await tell('westeurope', -9, 'delete');
    expect((await ask()).body['state']).toBe('pending');
    await tell('southeastasia', -5);
    await tell('westeurope', -4);
    expect(await ask()).toMatchObject({ status: 200, body: { state: 'replicated' } });
    expect(world.signalIds(replicated, 'team/again:v1')).toHaveLength(2);
  });

  it('is told with its region by an event too, and by one without a region for all', async () => {
    const image = { registry, repository: 'team/told', digest: digestOf('told'), tag: 'v1' };
    await world.tellAll(image);
    const topic = world.azure.registries.id(registry);
    const deleted = {
      repository: image.repository,
      digest: image.digest,
      registry,
      action: 'delete' as const,
    };
    const states = async () => {
      const { status, body } = await world.ask('v1', { registry, repository: image.repository });
      expect(status).toBe(410);
      return (body['regions'] as { state: string }[]).map((one) => one.state);
    };
    await world.deliver(
      registryEvent(topic, { ...deleted, at: minute(1), location: 'westus' }),
      'receiveRegistryEvent',
    );
    expect(await states()).toEqual(['present', 'present', 'present', 'gone']);
    await world.deliver(registryEvent(topic, { ...deleted, at: minute(2) }), 'receiveRegistryEvent');
    expect(await states()).toEqual(['gone', 'gone', 'gone', 'gone']);
  });
});
