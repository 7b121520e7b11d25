import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../../local/azure/sample.ts';
import { call } from '../arm-call.ts';
import { registryClient } from '../sdk-clients.ts';
import { startReceiver, type WebHookReceiver } from '../web-hook-receiver.ts';

const otherSubscription = '99999999-0000-0000-0000-000000000000';
const request = v.object({ host: v.string() });
const notice = v.object({
  topic: v.optional(v.string()),
  request: v.optional(request),
  data: v.optional(v.object({ request })),
});
const image = { repository: 'team/app', tag: 'v1' };

describe('several registries', () => {
  let azure: LocalAzure;
  let receiver: WebHookReceiver;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 100] } });
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    await azure.close();
  });

  const createNamesake = () =>
    azure.registries.create({
      name: 'myregistry',
      resourceGroup: 'rg-other',
      labelHash: 'a1b2c3d4',
      home: 'eastus',
      replicas: ['westus'],
    });
  const sample = () =>
    `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/myregistry`;
  const settle = async () => {
    await clock.advance(100);
    await azure.registries.idle({ dueWithinMs: 0 });
    await azure.eventGrid.idle();
  };

  /** Webhooks and events. */
  const notices = () =>
    receiver.deliveries.flatMap(({ events }) => events.map((one) => v.parse(notice, one)));

  it('may have one name, and each keeps its id and login server', async () => {
    const id = createNamesake();
    const { registries } = registryClient(azure);
    expect([
      (await registries.get('rg-registry', 'myregistry')).loginServer,
      (await registries.get('rg-other', 'myregistry')).loginServer,
    ]).toEqual(['myregistry.azurecr.io', 'myregistry-a1b2c3d4.azurecr.io']);
    expect(azure.registries.setting()).toMatchObject([
      { id, endpoints: { westus: azure.registries.endpoint(id, 'westus') } },
      { id: sample() },
    ]);
    expect(azure.registries.loginServer(id.toUpperCase())).toBe('myregistry-a1b2c3d4.azurecr.io');
  });

  it('may be in several subscriptions', async () => {
    const id = azure.registries.create({
      name: 'myregistry',
      subscriptionId: otherSubscription,
      labelHash: 'ffff0000',
      home: 'westus',
    });
    expect(id).toContain(`/subscriptions/${otherSubscription}/resourceGroups/rg-registry/`);
    expect((await call(azure, 'GET', id)).body).toMatchObject({ id, location: 'westus' });
    expect((await call(azure, 'GET', sample())).body).toMatchObject({ id: sample(), location: 'eastus' });
  });

  it('of one name go by login server, label or id, and no longer by the name', () => {
    const id = createNamesake();
    const digest = azure.registries.push({ ...image, registry: id });
    for (const reference of ['myregistry-a1b2c3d4', 'MyRegistry-a1b2c3d4.azurecr.io', id.toLowerCase()]) {
      expect(azure.registries.holds(reference, 'eastus', 'team/app:v1')).toBe(true);
    }
    expect(azure.registries.resolve('myregistry.azurecr.io', 'eastus', `team/app@${digest}`)).toBeUndefined();
    for (const act of [
      () => azure.registries.push({ ...image, registry: 'myregistry' }),
      () => azure.registries.id('myregistry'),
    ]) {
      expect(act).toThrow(new RangeError('several registries have the name myregistry'));
    }
  });

  it('cannot share a login server, or have a name that Azure refuses', () => {
    createNamesake();
    for (const spec of [
      { name: 'myregistry', resourceGroup: 'rg-third' },
      { name: 'myregistry', resourceGroup: 'rg-third', labelHash: 'a1b2c3d4' },
      { name: 'my-registry' },
      { name: 'four' },
      { name: 'myregistry', resourceGroup: 'rg-third', labelHash: 'A.B' },
    ]) {
      expect(() => azure.registries.create({ home: 'eastus', ...spec }), JSON.stringify(spec)).toThrow(
        RangeError,
      );
    }
  });

  it('each have endpoints of their own', async () => {
    const id = createNamesake();
    azure.registries.push({ ...image, registry: id });
    azure.registries.degrade('myregistry.azurecr.io', 'westus', { status: 503 });
    const ask = async (registry: string, region: string) =>
      (await fetch(`${azure.registries.endpoint(registry, region)}/v2/team/app/manifests/v1`)).status;
    expect(azure.registries.endpoint(id, 'West US')).toBe(
      `${azure.armEndpoint}/registry-endpoints/myregistry-a1b2c3d4/westus`,
    );
    expect([
      await ask(id, 'eastus'),
      await ask(id, 'westus'),
      await ask('myregistry.azurecr.io', 'eastus'),
      await ask('myregistry.azurecr.io', 'westus'),
    ]).toEqual([200, 404, 404, 503]);
  });

  it('tell of their own images with their own host, id and topic', async () => {
    const ids = [sample(), createNamesake()];
    for (const [at, id] of ids.entries()) {
      const hook = { serviceUri: receiver.url, actions: ['push'] };
      azure.registries.putWebhook(id, `hook${at}`, 'westus', hook);
      await azure.eventGrid.subscribe({ name: `events${at}`, url: receiver.url, scope: id });
    }
    for (const registry of ids) azure.registries.push({ ...image, registry, region: 'westus' });
    await settle();
    const ofWebhooks = notices().flatMap(({ topic, request }) => (topic === undefined ? request?.host : []));
    expect(ofWebhooks.toSorted()).toEqual(['myregistry-a1b2c3d4.azurecr.io', 'myregistry.azurecr.io']);
    const ofEvents = notices().flatMap(({ topic, data }) =>
      topic === undefined ? [] : `${topic} ${data?.request.host}`,
    );
    expect(new Set(ofEvents)).toEqual(
      new Set([`${ids[0]} myregistry.azurecr.io`, `${ids[1]} myregistry-a1b2c3d4.azurecr.io`]),
    );
  });

  it('tell of the host that the client spoke to, such as a custom domain', async () => {
    azure.registries.putWebhook('myregistry', 'hook', 'eastus', {
      serviceUri: receiver.url,
      actions: ['push', 'delete'],
    });
    const host = 'images.contoso.example:443';
    const digest = azure.registries.push({ ...image, registry: 'myregistry', host });
    azure.registries.delete({ ...image, registry: 'myregistry', digest, host: 'other.contoso.example' });
    await settle();
    expect(
      notices()
        .map(({ request }) => request?.host)
        .toSorted(),
    ).toEqual([host, 'other.contoso.example']);
  });

  it('go with their own resource group', async () => {
    const id = createNamesake();
    azure.resourceGroups.delete(sampleSubscriptionId, 'rg-other');
    expect((await call(azure, 'GET', id)).status).toBe(404);
    expect(azure.registries.id('myregistry')).toBe(sample());
  });

  it('are created by the control surface, and shown with their login servers', async () => {
    const created = await call(azure, 'POST', '/_sim/registries', {
      body: { name: 'myregistry', resourceGroup: 'rg-other', labelHash: 'a1b2c3d4', home: 'eastus' },
    });
    expect([created.status, created.body]).toMatchObject([
      201,
      { loginServer: 'myregistry-a1b2c3d4.azurecr.io' },
    ]);
    expect((await call(azure, 'GET', '/_sim/registries')).body).toMatchObject({
      value: [{ loginServer: 'myregistry-a1b2c3d4.azurecr.io' }, { loginServer: 'myregistry.azurecr.io' }],
    });
    const pushed = { ...image, registry: 'myregistry-a1b2c3d4.azurecr.io' };
    expect((await call(azure, 'POST', '/_sim/registries/push', { body: pushed })).status).toBe(201);
    expect(
      (await call(azure, 'POST', '/_sim/registries', { body: { name: 'myregistry', home: 1 } })).status,
    ).toBe(400);
  });
});

describe('a registry without replications', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({
      clock,
      registries: [{ name: 'singleregistry', home: 'eastus', hasHomeReplication: false }],
    });
  });
  afterEach(() => azure.close());

  const listed = async () => {
    const { body } = await call(azure, 'GET', `${azure.registries.id('singleregistry')}/replications`);
    return v
      .parse(v.object({ value: v.array(v.object({ name: v.string() })) }), body)
      .value.map(({ name }) => name);
  };

  it('lists none and shows none by id, while its home serves and tells', async () => {
    const receiver = await startReceiver();
    const hook = { serviceUri: receiver.url, actions: ['push'] };
    azure.registries.putWebhook('singleregistry', 'hook', 'eastus', hook);
    azure.registries.push({ ...image, registry: 'singleregistry' });
    await azure.registries.idle();
    await receiver.close();
    expect(await listed()).toEqual([]);
    const replication = azure.registries.replicationId('singleregistry', 'eastus');
    expect((await call(azure, 'GET', replication)).status).toBe(404);
    expect((await call(azure, 'PATCH', replication, { body: { tags: {} } })).status).toBe(404);
    const endpoint = azure.registries.endpoint('singleregistry', 'eastus');
    expect((await fetch(`${endpoint}/v2/team/app/manifests/v1`)).status).toBe(200);
    expect(receiver.deliveries).toHaveLength(1);
    expect(azure.registries.setting()).toMatchObject([{ endpoints: { eastus: endpoint } }]);
    expect(azure.registries.replicas('singleregistry')).toMatchObject([{ hasReplication: false }]);
  });

  it('is what removing the replication of the home leaves, and adding it takes back', async () => {
    azure.registries.addReplica('singleregistry', 'eastus');
    azure.registries.push({ ...image, registry: 'singleregistry' });
    expect(await listed()).toEqual(['eastus']);
    azure.registries.removeReplica('singleregistry', 'eastus');
    expect(await listed()).toEqual([]);
    expect(azure.registries.holds('singleregistry', 'eastus', 'team/app:v1')).toBe(true);
    azure.registries.addReplica('singleregistry', 'eastus');
    expect(await listed()).toEqual(['eastus']);
    expect(azure.registries.holds('singleregistry', 'eastus', 'team/app:v1')).toBe(true);
  });
});
