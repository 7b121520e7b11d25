import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

let azure: LocalAzure;
let receiver: WebHookReceiver;

beforeEach(async () => {
  azure = await startLocalAzure({ clock: new ManualClock() });
  receiver = await startReceiver();
});

afterEach(async () => {
  await azure.close();
  await receiver.close();
});

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const groupOf = (spelling: string) =>
  `/subscriptions/${subscriptionId}/${spelling}/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web`;

/** Everything that can happen to a group, one event each. */
function liveAndDie(): void {
  const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
  azure.containerGroups.restart(id);
  azure.containerGroups.stop(id);
  azure.containerGroups.start(id);
  azure.containerGroups.delete(id);
}

const typesAndOperations = () =>
  receiver.deliveries.flatMap(({ events }) =>
    events.map(({ eventType, data }) => [
      eventType,
      typeof data === 'object' && data !== null && 'operationName' in data ? data.operationName : undefined,
    ]),
  );

describe('the activity of Resource Manager', () => {
  it('becomes events of writes, actions and deletions', async () => {
    await azure.eventGrid.subscribe({ name: 'all', url: receiver.url });
    liveAndDie();
    await azure.eventGrid.idle();
    const groups = 'Microsoft.ContainerInstance/containerGroups';
    expect(typesAndOperations().sort()).toEqual(
      [
        ['Microsoft.Resources.ResourceWriteSuccess', `${groups}/write`],
        ['Microsoft.Resources.ResourceActionSuccess', `${groups}/restart/action`],
        ['Microsoft.Resources.ResourceActionSuccess', `${groups}/stop/action`],
        ['Microsoft.Resources.ResourceActionSuccess', `${groups}/start/action`],
        ['Microsoft.Resources.ResourceDeleteSuccess', `${groups}/delete`],
      ].sort(),
    );
  });

  it('is told in the shape of the Event Grid schema, with personal data among the claims', async () => {
    await azure.eventGrid.subscribe({ name: 'all', url: receiver.url });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    await azure.eventGrid.idle();
    const uri = groupOf('resourcegroups');
    expect(receiver.deliveries[0]?.events).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        topic: `/subscriptions/${subscriptionId}/resourceGroups/rg-spoke-a`,
        subject: uri,
        eventType: 'Microsoft.Resources.ResourceWriteSuccess',
        eventTime: '2026-01-01T00:00:00.0000000Z',
        data: {
          authorization: {
            scope: uri,
            action: 'Microsoft.ContainerInstance/containerGroups/write',
            evidence: expect.anything(),
          },
          claims: expect.objectContaining({ appid: expect.any(String), ipaddr: '203.0.113.17' }),
          correlationId: expect.any(String),
          httpRequest: expect.objectContaining({ method: 'PUT' }),
          resourceProvider: 'Microsoft.ContainerInstance',
          resourceUri: uri,
          operationName: 'Microsoft.ContainerInstance/containerGroups/write',
          status: 'Succeeded',
          subscriptionId,
          tenantId: expect.any(String),
        },
        dataVersion: '2',
        metadataVersion: '1',
      },
    ]);
  });

  it('spells the segment of the resource group differently in writes and deletions', async () => {
    await azure.eventGrid.subscribe({ name: 'all', url: receiver.url });
    azure.containerGroups.delete(azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' }));
    await azure.eventGrid.idle();
    const subjects = receiver.deliveries.flatMap(({ events }) => events.map(({ subject }) => subject));
    expect(subjects.sort()).toEqual([groupOf('resourceGroups'), groupOf('resourcegroups')]);
  });

  it('includes record sets, and reaches only the subscriptions whose scope and filters it passes', async () => {
    const record = `/subscriptions/${subscriptionId}/resourceGroups/rg-hub-dns/providers/Microsoft.Network/privateDnsZones/10.in-addr.arpa/PTR/1.0.1`;
    await azure.eventGrid.subscribe({
      name: 'hub',
      url: receiver.url,
      scope: `/subscriptions/${subscriptionId}/resourcegroups/RG-HUB-DNS`,
    });
    await azure.eventGrid.subscribeFunction(new URL(receiver.url).origin, 'reconcileDns');
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    const put = await fetch(`${azure.armEndpoint}${record}?api-version=2024-06-01`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ properties: { ttl: 60, ptrRecords: [{ ptrdname: 'web.contoso.com.' }] } }),
    });
    expect(put.status).toBe(201);
    await azure.eventGrid.idle();
    const received = receiver.deliveries.map(({ headers, events }) => [
      headers.get('aeg-subscription-name'),
      events[0]?.['subject'],
    ]);
    expect(received.sort()).toEqual([
      ['HUB', record.replace('resourceGroups', 'resourcegroups')],
      ['RECONCILEDNS', groupOf('resourcegroups')],
    ]);
  });

  it('has the scope of the subscription as its topic', async () => {
    const scope = `/subscriptions/${subscriptionId}`;
    await azure.eventGrid.subscribe({ name: 'wide', url: receiver.url, scope });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    await azure.eventGrid.idle();
    expect(receiver.deliveries[0]?.events).toMatchObject([{ topic: scope }]);
  });

  it('is nothing for the subscriptions of a custom topic', async () => {
    await azure.eventGrid.subscribe({ name: 'signals', url: receiver.url, topic: 'evenkeel' });
    liveAndDie();
    await azure.eventGrid.idle();
    expect(receiver.deliveries).toEqual([]);
  });

  it('is silent about a move by the platform', async () => {
    await azure.eventGrid.subscribe({ name: 'all', url: receiver.url });
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    azure.containerGroups.move(id);
    await azure.eventGrid.idle();
    expect(receiver.deliveries).toHaveLength(1);
  });
});

describe('a function of a Functions host', () => {
  it('is delivered to where a function app takes events, with the key of the host', async () => {
    await azure.eventGrid.subscribeFunction(new URL(receiver.url).origin, 'reconcileDns', { key: 'k' });
    liveAndDie();
    await azure.eventGrid.idle();
    const [delivery] = receiver.deliveries;
    expect(`${delivery?.url.pathname}${delivery?.url.search}`).toBe(
      '/runtime/webhooks/EventGrid?functionName=reconcileDns&code=k',
    );
    expect(receiver.deliveries).toHaveLength(5);
  });
});
