import { QueueServiceClient } from '@azure/storage-queue';
import { expect, it } from 'vitest';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { resourceEvent } from './events.ts';
import { install } from './installation.ts';
import { records, recordsOf } from './records.ts';
import { startStorageProxy } from './storage-proxy.ts';

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

it('a name that is deleted, taken over by a twin, interrupted before the PTR and deleted leaves nothing behind', async () => {
  const proxy = await startStorageProxy('Queue');
  const { azure, deliver, close } = await install({
    azure: { storage: {} },
    settings: (azure) => ({
      DNS_ZONE_MAP: JSON.stringify(zoneMap),
      DEFERRAL: proxy.inFrontOf(azure.storage?.connectionString ?? ''),
    }),
  });
  const create = (resourceGroup: string, address: string) => {
    const id = azure.containerGroups.create({ resourceGroup, name: 'web' });
    azure.containerGroups.set(id, { address });
    return id;
  };
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
  await close();
  await proxy.close();
});
