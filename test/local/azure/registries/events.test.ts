import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { valueAt } from '../../../../local/azure/event-grid/event.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { subscribeApp } from '../../../../local/azure/subscribe-app.ts';
import { call } from '../arm-call.ts';
import { startReceiver, type WebHookReceiver } from '../web-hook-receiver.ts';

const image = { registry: 'myregistry', repository: 'team/app', tag: 'v1' };

describe('Event Grid events of a registry', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  let receiver: WebHookReceiver;
  beforeEach(async () => {
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 1_000] } });
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await azure.close();
    await receiver.close();
  });

  const subscribe = (name = 'images', scope = azure.registries.id('myregistry')) =>
    azure.eventGrid.subscribe({ name, url: receiver.url, scope });
  const settle = async () => {
    await clock.advance(1_000);
    await azure.eventGrid.idle();
  };
  const events = () => receiver.deliveries.flatMap((delivery) => delivery.events);

  it('tell of a push, once for each replica and where', async () => {
    await subscribe();
    const digest = azure.registries.push(image);
    await settle();
    const locations = events().map((event) => valueAt(event, 'data.location'));
    expect(locations.toSorted()).toEqual(['eastus', 'southeastasia', 'westeurope', 'westus']);
    const first = events().find((event) => valueAt(event, 'data.location') === 'eastus');
    expect(first).toEqual({
      id: expect.any(String),
      topic: azure.registries.id('myregistry'),
      subject: 'team/app:v1',
      eventType: 'Microsoft.ContainerRegistry.ImagePushed',
      eventTime: expect.stringMatching(/\.\d{9}Z$/),
      data: {
        id: first?.['id'],
        timestamp: first?.['eventTime'],
        action: 'push',
        location: 'eastus',
        target: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          size: expect.any(Number),
          length: expect.any(Number),
          digest,
          repository: 'team/app',
          tag: 'v1',
        },
        request: expect.objectContaining({ host: 'myregistry.azurecr.io', method: 'PUT' }),
      },
      dataVersion: '2.0',
      metadataVersion: '1',
    });
  });

  it('tell of deletions and charts by types of their own, with the repository as their subject', async () => {
    azure.registries.change({ eventPerReplica: false });
    await subscribe();
    const digest = azure.registries.push(image);
    azure.registries.delete({ ...image, digest });
    const chart = azure.registries.push({ ...image, chart: true });
    azure.registries.delete({ ...image, digest: chart });
    await settle();
    const seen = events().map(({ eventType, subject }) => `${eventType} ${subject}`);
    expect(seen.toSorted()).toEqual([
      'Microsoft.ContainerRegistry.ChartDeleted team/app',
      'Microsoft.ContainerRegistry.ChartPushed team/app:v1',
      'Microsoft.ContainerRegistry.ImageDeleted team/app',
      'Microsoft.ContainerRegistry.ImagePushed team/app:v1',
    ]);
  });

  it('come once for all replicas, and without a place, when told so', async () => {
    azure.registries.change({ eventPerReplica: false, eventLocation: false });
    await subscribe();
    azure.registries.push(image);
    await settle();
    expect(events()).toHaveLength(1);
    expect(events()[0]).not.toHaveProperty('data.location');
  });

  it('reach the subscriptions to their registry and no others', async () => {
    azure.registries.create({ name: 'another', home: 'eastus' });
    await subscribe('another', azure.registries.id('another'));
    await subscribe('everything-there', '/subscriptions/00000000-0000-0000-0000-000000000000');
    await azure.eventGrid.subscribe({ name: 'all-activity', url: receiver.url });
    azure.registries.push(image);
    await settle();
    expect(events()).toEqual([]);
    azure.registries.push({ ...image, registry: 'Another' });
    await settle();
    expect(azure.eventGrid.counts('another').delivered).toBe(1);
    expect(events()).toHaveLength(1);
  });

  it('are kept apart from the activity of Resource Manager, at the registry too', async () => {
    await subscribe();
    await call(azure, 'PATCH', azure.registries.replicationId('myregistry', 'westus'), {
      body: { tags: {} },
    });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    await settle();
    expect(events()).toEqual([]);
  });

  it('are filtered by their subject, which begins with the repository', async () => {
    const scope = azure.registries.id('myregistry');
    const filter = { subjectBeginsWith: 'team/' };
    await azure.eventGrid.subscribe({ name: 'images', url: receiver.url, scope, ...filter });
    azure.registries.push({ ...image, repository: 'other' });
    azure.registries.push(image);
    await settle();
    expect(new Set(events().map(({ subject }) => subject))).toEqual(new Set(['team/app:v1']));
  });

  it('reach receiveRegistryEvent of an app that wants them, and no other function of it', async () => {
    const registryEvents = [azure.registries.id('myregistry')];
    const { origin: host } = new URL(receiver.url);
    await subscribeApp(azure.eventGrid, { host, topic: 'evenkeel', registryEvents });
    azure.registries.push(image);
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    await settle();
    const seen = receiver.deliveries.map(
      ({ url, events: [event = {}] }) => `${url.searchParams.get('functionName')} ${event['eventType']}`,
    );
    expect([...new Set(seen)].toSorted()).toEqual([
      'receiveRegistryEvent Microsoft.ContainerRegistry.ImagePushed',
      'reconcileDns Microsoft.Resources.ResourceWriteSuccess',
      'trackIpDrift Microsoft.Resources.ResourceWriteSuccess',
    ]);
  });
});
