import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { startReceiver } from '../web-hook-receiver.ts';

const registry = 'myregistry';
const image = { registry, repository: 'team/app', tag: 'v1' };

const replication = v.object({
  name: v.string(),
  properties: v.object({
    provisioningState: v.string(),
    status: v.object({ displayStatus: v.string(), timestamp: v.string() }),
  }),
  systemData: v.object({ createdAt: v.string() }),
});

describe('the state of a replica', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 100] } });
  });
  afterEach(() => azure.close());

  const read = async (region: string) =>
    v.parse(replication, (await call(azure, 'GET', azure.registries.replicationId(registry, region))).body);
  const statusOf = async (region: string) => {
    const { provisioningState, status } = (await read(region)).properties;
    return [provisioningState, status.displayStatus];
  };
  const list = async () => {
    const { body } = await call(azure, 'GET', `${azure.registries.id(registry)}/replications`);
    return v.parse(v.object({ value: v.array(replication) }), body).value.map(({ name }) => name);
  };
  const codeById = async (region: string) =>
    (await call(azure, 'GET', azure.registries.replicationId(registry, region))).status;

  it.each(['Ready', 'online', 'Syncing', 'Offline'])('shows the word %s since it was set', async (word) => {
    await clock.advance(5_000);
    azure.registries.setReplica(registry, 'westus', { displayStatus: word });
    const { displayStatus, timestamp } = (await read('westus')).properties.status;
    expect([displayStatus, Date.parse(timestamp)]).toEqual([word, clock.now()]);
    azure.registries.setReplica(registry, 'westus', { statusAt: 1_000 });
    expect(Date.parse((await read('westus')).properties.status.timestamp)).toBe(1_000);
  });

  it('says in the words of the behaviour that it is well, after an update too', async () => {
    azure.registries.change({ readyStatus: 'online', updateIsLongRunning: false });
    const westus = azure.registries.replicationId(registry, 'westus');
    await call(azure, 'PATCH', westus, { body: { tags: {} } });
    azure.registries.addReplica(registry, 'japaneast');
    expect([await statusOf('westus'), await statusOf('japaneast')]).toEqual([
      ['Succeeded', 'online'],
      ['Succeeded', 'online'],
    ]);
  });

  it.each(['Creating', 'Updating', 'Deleting', 'Failed', 'Canceled'] as const)(
    'may be %s while it goes on serving',
    async (provisioningState) => {
      azure.registries.setReplica(registry, 'westus', { provisioningState });
      azure.registries.push(image);
      await clock.advance(100);
      expect((await statusOf('westus'))[0]).toBe(provisioningState);
      expect(azure.registries.holds(registry, 'westus', 'team/app:v1')).toBe(true);
    },
  );

  describe('that is seeded', () => {
    it('is Succeeded and Syncing since its creation, gets nothing, and tells nothing', async () => {
      const receiver = await startReceiver();
      azure.registries.push(image);
      azure.registries.addReplica(registry, 'japaneast', { seedsForMs: Number.POSITIVE_INFINITY });
      const hook = { serviceUri: receiver.url, actions: ['push'] };
      azure.registries.putWebhook(registry, 'hook', 'japaneast', hook);
      azure.registries.push({ ...image, tag: 'v2' });
      await clock.advance(3 * 86_400_000);
      await azure.registries.idle({ dueWithinMs: 0 });
      const { properties, systemData } = await read('japaneast');
      expect([properties.provisioningState, properties.status]).toEqual([
        'Succeeded',
        { displayStatus: 'Syncing', timestamp: systemData.createdAt },
      ]);
      expect(azure.registries.replica(registry, 'japaneast')).toMatchObject({ isSeeding: true, images: 0 });
      expect(receiver.deliveries).toHaveLength(0);
      azure.registries.finishSeeding(registry, 'japaneast');
      await azure.registries.idle({ dueWithinMs: 0 });
      await receiver.close();
      expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Ready']);
      expect(azure.registries.replica(registry, 'japaneast').images).toBe(2);
      // What was there before it is not news.
      expect(receiver.deliveries).toHaveLength(1);
    });

    it('is well after the time that it was told', async () => {
      azure.registries.push(image);
      azure.registries.addReplica(registry, 'japaneast', { seedsForMs: 60_000 });
      await clock.advance(59_999);
      expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Syncing']);
      await clock.advance(1);
      expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Ready']);
      expect(azure.registries.holds(registry, 'japaneast', 'team/app:v1')).toBe(true);
    });

    it('still syncs after an update, and stays stalled if it was', async () => {
      azure.registries.change({ updateIsLongRunning: false });
      azure.registries.push(image);
      azure.registries.addReplica(registry, 'japaneast', { seedsForMs: 1_000 });
      azure.registries.stall(registry, 'japaneast');
      const body = { properties: { regionEndpointEnabled: false } };
      await call(azure, 'PATCH', azure.registries.replicationId(registry, 'japaneast'), { body });
      expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Syncing']);
      await clock.advance(1_000);
      expect(azure.registries.holds(registry, 'japaneast', 'team/app:v1')).toBe(false);
      azure.registries.resume(registry, 'japaneast');
      expect(azure.registries.holds(registry, 'japaneast', 'team/app:v1')).toBe(true);
    });
  });

  it('says Syncing while copies are on their way, when told so', async () => {
    azure.registries.push(image);
    expect(await statusOf('westus')).toEqual(['Succeeded', 'Ready']);
    await clock.advance(100);
    azure.registries.change({ copyingShowsSyncing: true });
    azure.registries.push({ ...image, tag: 'v2' });
    await clock.advance(50);
    azure.registries.push({ ...image, tag: 'v3' });
    await clock.advance(50);
    expect([await statusOf('westus'), await statusOf('eastus')]).toEqual([
      ['Succeeded', 'Syncing'],
      ['Succeeded', 'Ready'],
    ]);
    await clock.advance(50);
    expect(await statusOf('westus')).toEqual(['Succeeded', 'Ready']);
  });

  describe('that Resource Manager hides', () => {
    const others = ['eastus', 'southeastasia', 'westeurope'];
    const all = [...others, 'westus'];

    it('is left out by the list for some reads, and shown by its id', async () => {
      azure.registries.hide(registry, 'West US', { from: 'list', reads: 2 });
      expect([await list(), await codeById('westus'), await list(), await list()]).toEqual([
        others,
        200,
        others,
        all,
      ]);
    });

    it('is left out of every page of a list, which counts once', async () => {
      azure.registries.change({ pageSize: 1 });
      azure.registries.hide(registry, 'westeurope', { from: 'list', reads: 1 });
      const walk = async () => {
        const names: string[] = [];
        let url: string | undefined = `${azure.registries.id(registry)}/replications`;
        while (url !== undefined) {
          const page: { status: number; body: unknown } = await call(azure, 'GET', url);
          const { value, nextLink } = v.parse(
            v.object({ value: v.array(v.object({ name: v.string() })), nextLink: v.optional(v.string()) }),
            page.body,
          );
          names.push(...value.map(({ name }) => name));
          url = nextLink?.replace(azure.armEndpoint, '');
        }
        return names;
      };
      expect([await walk(), await walk()]).toEqual([['eastus', 'southeastasia', 'westus'], all]);
    });

    it('is not found by its id for a time, while the list shows it', async () => {
      azure.registries.hide(registry, 'westus', { from: 'get', forMs: 2_000 });
      expect([await codeById('westus'), await list()]).toEqual([404, all]);
      await clock.advance(1_999);
      expect(await codeById('westus')).toBe(404);
      await clock.advance(1);
      expect(await codeById('westus')).toBe(200);
    });

    it('is hidden from both until it is shown again, and written all the same', async () => {
      azure.registries.hide(registry, 'westus', { from: 'both' });
      expect([await codeById('westus'), await list()]).toEqual([404, others]);
      const westus = azure.registries.replicationId(registry, 'westus');
      expect((await call(azure, 'PATCH', westus, { body: { tags: {} } })).status).toBe(201);
      azure.registries.show(registry, 'westus');
      expect([await codeById('westus'), await list()]).toEqual([200, all]);
    });

    it('is hidden from a frozen list too, which may still show one that is gone', async () => {
      azure.registries.freezeList(registry);
      azure.registries.removeReplica(registry, 'westeurope');
      azure.registries.hide(registry, 'westus', { from: 'list', reads: 1 });
      expect([await list(), await list()]).toEqual([others, all]);
    });
  });

  it('is controlled by /_sim too', async () => {
    const sim = async (path: string, body: unknown) =>
      (await call(azure, 'POST', `/_sim/registries/${path}`, { body })).status;
    expect(await sim('add-replica', { region: 'Japan East', name: 'tokyo', seedsForMs: null })).toBe(201);
    expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Syncing']);
    expect(await sim('finish-seeding', { region: 'japaneast' })).toBe(204);
    expect(await statusOf('japaneast')).toEqual(['Succeeded', 'Ready']);
    expect(await sim('hide', { region: 'japaneast', from: 'both' })).toBe(204);
    expect([await codeById('japaneast'), await list()]).toEqual([
      404,
      ['eastus', 'southeastasia', 'westeurope', 'westus'],
    ]);
    expect(await sim('show', { region: 'japaneast' })).toBe(204);
    expect(await list()).toContain('tokyo');
    expect(await sim('remove-replica', { region: 'japaneast' })).toBe(204);
    expect(await list()).not.toContain('tokyo');
    expect(await sim('hide', { region: 'westus', from: 'nowhere' })).toBe(400);
    expect(await sim('add-replica', { region: 'westus' })).toBe(400);
  });
});
