import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribeRegistryEvents } from '../../local/azure/subscribe-app.ts';
import { digestOf, minute, registryEvent } from './registry-notifications.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from './replication-installation.ts';

const replicated = 'evenkeel.registry.replicated';
const schemas = ['EventGridSchema', 'CloudEventSchemaV1_0'] as const;

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication({ azure: { registryBehaviour: { copyDelayMs: [0, 0] } } });
});
afterAll(() => world.close());

type Event = Parameters<typeof registryEvent>[1];

/** Delivers an event as Event Grid does; returns the answer's status. */
const deliver = (event: Event, schema: (typeof schemas)[number] = 'EventGridSchema') =>
  world.deliver(registryEvent(world.azure.registries.id(registry), event, schema), 'receiveRegistryEvent');

describe.each(schemas)('an event in the %s', (schema) => {
  const repository = `events/${schema.toLowerCase()}`;

  it('tells that an image is in the region that it names', async () => {
    const image = { repository, digest: digestOf(schema), tag: 'v1' };
    for (const location of regions.slice(1)) expect(await deliver({ ...image, location }, schema)).toBe(202);
    const before = await world.ask('v1', { repository });
    expect(before).toMatchObject({ status: 202, body: { state: 'pending', digest: image.digest } });
    expect(await deliver({ ...image, location: 'East US' }, schema)).toBe(202);
    const after = await world.ask('v1', { repository });
    expect(after.status).toBe(200);
    expect(after.body['regions']).toMatchObject(
      regions.map((region) => ({ region, state: 'available', evidence: 'event' })),
    );
    expect(world.signalIds(replicated, `${repository}:v1`)).toHaveLength(1);
  });

  it('makes an image known and puts it in no region when it names none, and the review asks every region', async () => {
    const digest = world.azure.registries.push({ registry, repository, tag: 'v2' });
    expect(await deliver({ repository, digest, tag: 'v2' }, schema)).toBe(202);
    const before = await world.ask('v2', { repository });
    expect(before.status).toBe(202);
    expect(before.body['regions']).toEqual(regions.map((region) => ({ region, state: 'waiting' })));
    await world.review();
    const after = await world.ask('v2', { repository });
    expect(after.status).toBe(200);
    expect(after.body['regions']).toMatchObject(
      regions.map((region) => ({ region, state: 'available', evidence: 'verified' })),
    );
    expect(world.signalIds(replicated, `${repository}:v2`)).toHaveLength(1);
  });

  it('tells that an image was deleted', async () => {
    const image = { repository, digest: digestOf(`deleted ${schema}`) };
    await deliver({ ...image, tag: 'v3', location: 'eastus', at: minute(0) }, schema);
    expect(await deliver({ ...image, action: 'delete', location: 'eastus', at: minute(1) }, schema)).toBe(
      202,
    );
    expect((await world.ask('v3', { repository })).status).toBe(410);
  });
});

describe('an event', () => {
  it('and a webhook of the same push are one fact, whichever comes first', async () => {
    const image = { repository: 'events/twice', digest: digestOf('twice'), tag: 'v1' };
    const { repository } = image;
    const from = world.lines.length;
    await world.tellAll(image, regions.slice(0, 2));
    for (const location of regions) expect(await deliver({ ...image, location })).toBe(202);
    await world.tellAll(image, regions.slice(2));
    const { status, body } = await world.ask('v1', { repository });
    expect(status).toBe(200);
    expect(body['regions']).toMatchObject([
      { region: 'eastus', evidence: 'webhook' },
      { region: 'southeastasia', evidence: 'webhook' },
      { region: 'westeurope', evidence: 'event' },
      { region: 'westus', evidence: 'event' },
    ]);
    const results = () => world.lines.slice(from).flatMap((line) => /"result":"(\w+)"/.exec(line)?.[1] ?? []);
    await expect.poll(() => results().filter((result) => result === 'duplicate')).toHaveLength(4);
    expect(world.signals(replicated).filter(({ subject }) => subject === `${repository}:v1`)).toHaveLength(1);
  });

  it('that names a region without a replica puts the image in no region', async () => {
    const image = { repository: 'events/nowhere', digest: digestOf('nowhere'), tag: 'v1' };
    expect(await deliver({ ...image, location: 'northeurope' })).toBe(202);
    const { body } = await world.ask('v1', { repository: image.repository });
    expect(body).toMatchObject({ state: 'pending' });
    expect(body['regions']).toEqual(regions.map((region) => ({ region, state: 'waiting' })));
  });

  it('fails its invocation while table storage is down, and is recorded when it comes again', async () => {
    const image = { repository: 'events/again', digest: digestOf('again'), tag: 'v1', location: 'westus' };
    const { repository } = image;
    const restore = world.tables.refuse();
    try {
      expect(await deliver(image)).toBe(500);
    } finally {
      restore();
    }
    expect((await world.ask('v1', { repository })).status).toBe(404);
    expect(await deliver(image)).toBe(202);
    expect((await world.ask('v1', { repository })).body).toMatchObject({ state: 'pending' });
  });

  it('reaches evenkeel by a subscription to the registry, one for each copy', async () => {
    const { registries, eventGrid } = world.azure;
    await subscribeRegistryEvents(eventGrid, { host: world.host.url }, [registries.id(registry)]);
    const repository = 'events/subscribed';
    const digest = registries.push({ registry, repository, tag: 'v1' });
    await eventGrid.idle();
    expect(await world.ask('v1', { repository })).toMatchObject({ status: 200, body: { digest } });
    registries.delete({ registry, repository, digest });
    await eventGrid.idle();
    expect((await world.ask('v1', { repository })).status).toBe(410);
    for (const { name } of eventGrid.subscriptions) eventGrid.unsubscribe(name);
  });
});
