import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { cloudEvent, resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf } from './records.ts';
import { type StorageProxy, startStorageProxy } from './storage-proxy.ts';

const zones = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones`;
/** Two resource groups that share their zones. */
const zoneMap = Object.fromEntries(
  ['rg-spoke-a', 'rg-spoke-b'].map((resourceGroup) => [
    resourceGroup,
    {
      forwardZone: 'spoke-a.internal.contoso.com',
      reverseZones: ['1.10.in-addr.arpa'],
      zoneResourceGroup: sampleHub,
    },
  ]),
);

let installation: Installation;
let proxy: StorageProxy;
beforeAll(async () => {
  proxy = await startStorageProxy('Queue');
  installation = await install({
    azure: { storage: {} },
    settings: (azure) => ({
      DNS_ZONE_MAP: JSON.stringify(zoneMap),
      DEFERRAL: proxy.inFrontOf(azure.storage?.connectionString ?? ''),
    }),
  });
});
afterAll(async () => {
  await installation.close();
  await proxy.close();
});

function create(resourceGroup: string, address: string): string {
  const { containerGroups } = installation.azure;
  const id = containerGroups.create({ resourceGroup, name: 'web' });
  containerGroups.set(id, { address });
  return id;
}

it('a name that is deleted, taken over by a twin, interrupted before the PTR and deleted leaves nothing behind', async () => {
  const { azure, deliver } = installation;
  const first = create('rg-spoke-a', '10.1.0.4');
  expect(await deliver(resourceEvent(first))).toBe(202);
  expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  azure.containerGroups.delete(first);

  const twin = create('rg-spoke-b', '10.1.0.9');
  azure.faults.add({ kind: 'status', status: 403, method: 'PUT', pathPrefix: `${zones}/1.10.in-addr.arpa` });
  azure.faults.add({
    kind: 'status',
    status: 403,
    method: 'DELETE',
    pathPrefix: `${zones}/1.10.in-addr.arpa`,
  });
  expect(await deliver(resourceEvent(twin))).toBe(500);
  expect(records(azure)[0]).toBe('A web.spoke-a.internal.contoso.com 10.1.0.9');
  azure.containerGroups.delete(twin);
  azure.faults.clear();
  expect(await deliver(resourceEvent(twin, 'Delete'))).toBe(202);

  // The re-checks are due in two minutes; here they come at once.
  const queue = QueueServiceClient.fromConnectionString(azure.storage?.connectionString ?? '').getQueueClient(
    'evenkeel-dns',
  );
  const messages = proxy.requests.flatMap(({ method, text }) => {
    const [, message] = (method === 'POST' && /<MessageText>(.*)<\/MessageText>/s.exec(text)) || [];
    return message === undefined ? [] : message.replaceAll('&quot;', '"');
  });
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) await queue.sendMessage(message);
  await expect.poll(() => records(azure), { timeout: 15_000 }).toEqual([]);
});

describe('a group that a quota has wait', () => {
  it.each<[string, number, 'busy' | 'timeOut']>([
    ['is left to Event Grid while the queue is busy', 0, 'busy'],
    ['may be on the queue twice when the queue was late with its answer', 1, 'timeOut'],
  ])('%s', async (_, leastMessages, fault) => {
    const { azure, deliver } = installation;
    const id = create('rg-spoke-a', '10.1.0.20');
    azure.faults.add({ match: 'ContainerGroups_Get', kind: 'status', status: 429, retryAfterSeconds: 3_600 });
    const end = proxy[fault](({ method }) => method === 'POST');
    expect(await deliver(resourceEvent(id)).finally(end)).toBe(500);
    expect(await waiting()).toBeGreaterThanOrEqual(leastMessages);
    expect(await deliver(resourceEvent(id))).toBe(202);
    expect(await waiting()).toBeGreaterThanOrEqual(leastMessages + 1);
    azure.faults.clear();
  });

  it('fits into a message of the queue, whatever a drift event names', async () => {
    const { azure, deliver } = installation;
    const id = create('rg-spoke-a', '10.1.0.21');
    azure.faults.add({ match: 'ContainerGroups_Get', kind: 'status', status: 429, retryAfterSeconds: 3_600 });
    const names = Array.from({ length: 20 }, (_, index) => `${'n'.repeat(8_000)}${index}`);
    const recordSets = names.map((name) => `${zones}/spoke-a.internal.contoso.com/A/${name}`);
    expect(
      await deliver(cloudEvent(id, 'evenkeel.dns.driftDetected', { finding: 'misplaced', recordSets })),
    ).toBe(202);
    expect(await waiting()).toBe(1);
    azure.faults.clear();
  });

  const queue = () =>
    QueueServiceClient.fromConnectionString(
      installation.azure.storage?.connectionString ?? '',
    ).getQueueClient('evenkeel-dns');
  const waiting = async () => (await queue().getProperties()).approximateMessagesCount;

  beforeEach(async () => {
    await queue().createIfNotExists();
    await queue().clearMessages();
  });
});
