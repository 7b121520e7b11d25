import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { call, ids } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

describe('private DNS zones', () => {
  let azure: LocalAzure;
  beforeEach(async () => {
    azure = await startLocalAzure({ privateDnsBehaviour: { zoneWriteMs: 0 } });
  });
  afterEach(() => azure.close());

  it('are created, linked and deleted by the SDK, which polls for the end', async () => {
    const { privateZones, virtualNetworkLinks } = privateDnsClient(azure);
    const zone = await privateZones.createOrUpdate(
      'rg-hub-dns',
      'New.Example.com',
      { location: 'global' },
      { updateIntervalInMs: 1 },
    );
    expect(zone).toMatchObject({
      name: 'new.example.com',
      maxNumberOfRecordSets: 25_000,
      numberOfRecordSets: 1,
      provisioningState: 'Succeeded',
    });
    const network = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet`;
    const link = await virtualNetworkLinks.createOrUpdate(
      'rg-hub-dns',
      'new.example.com',
      'hub',
      { location: 'global', virtualNetwork: { id: network }, registrationEnabled: false },
      { updateIntervalInMs: 1 },
    );
    expect(link).toMatchObject({ virtualNetworkLinkState: 'Completed', virtualNetwork: { id: network } });
    const links: unknown[] = [];
    for await (const { name } of virtualNetworkLinks.list('rg-hub-dns', 'new.example.com')) links.push(name);
    expect(links).toEqual(['hub']);
    await virtualNetworkLinks.delete('rg-hub-dns', 'new.example.com', 'hub', { updateIntervalInMs: 1 });
    await privateZones.delete('rg-hub-dns', 'new.example.com', { updateIntervalInMs: 1 });
    await expect(privateZones.get('rg-hub-dns', 'new.example.com')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('answer a write with 202 and where to ask for its end', async () => {
    const written = await call(azure, 'PUT', ids.zone('new.example.com'), { body: { location: 'global' } });
    expect(written.status).toBe(202);
    expect(written.headers.get('retry-after')).toBe('1');
    const statusUrl = written.headers.get('azure-asyncoperation') ?? '';
    expect(statusUrl).toContain(`${azure.armEndpoint}/subscriptions/`);
    expect(await (await fetch(statusUrl)).json()).toMatchObject({ status: 'Succeeded' });
    expect((await fetch(written.headers.get('location') ?? '')).status).toBe(200);
  });

  it('are in progress until the clock says otherwise, though their effect is there at once', async () => {
    const clock = new ManualClock();
    const slow = await startLocalAzure({ clock });
    const written = await call(slow, 'PUT', ids.zone('new.example.com'), { body: { location: 'global' } });
    const status = async () => (await fetch(written.headers.get('azure-asyncoperation') ?? '')).json();
    const first = await status();
    const there = await call(slow, 'GET', ids.zone('new.example.com'));
    await clock.advance(300);
    const second = await status();
    await slow.close();
    expect([first, there.status, second]).toMatchObject([
      { status: 'InProgress' },
      200,
      { status: 'Succeeded' },
    ]);
  });

  it('are written at once by switch', async () => {
    const quick = await startLocalAzure({ privateDnsBehaviour: { zoneWrites: 'immediate' } });
    const put = () => call(quick, 'PUT', ids.zone('new.example.com'), { body: { location: 'global' } });
    const [created, replaced] = [await put(), await put()];
    await quick.close();
    expect([created.status, replaced.status]).toEqual([201, 200]);
    expect(created.body).toMatchObject({
      name: 'new.example.com',
      properties: { provisioningState: 'Succeeded' },
    });
  });

  it('are listed by resource group and by subscription', async () => {
    const names: unknown[] = [];
    for await (const { name } of privateDnsClient(azure).privateZones.listByResourceGroup('RG-HUB-DNS'))
      names.push(name);
    expect(names).toEqual([
      '1.10.in-addr.arpa',
      '10.in-addr.arpa',
      'spoke-a.internal.contoso.com',
      'spoke-b.internal.contoso.com',
    ]);
    azure.zones.create({ name: 'x.example.com', resourceGroup: 'rg-other' });
    names.length = 0;
    for await (const { name } of privateDnsClient(azure).privateZones.list()) names.push(name);
    expect(names).toHaveLength(5);
  });

  it('are not deleted while a network is linked', async () => {
    const answer = await call(azure, 'DELETE', ids.zone('10.in-addr.arpa'));
    expect([answer.status, azure.zones.list()]).toEqual([409, expect.arrayContaining(['10.in-addr.arpa'])]);
  });

  it.each(['single', 'windows.net', 'bad..name', `${'a.'.repeat(34)}com`])(
    'are not called %s',
    async (name) => {
      const answer = await call(azure, 'PUT', ids.zone(name), { body: { location: 'global' } });
      expect([answer.status, answer.body]).toMatchObject([400, { code: 'BadRequest' }]);
    },
  );

  it('hold 25,000 record sets and no more', async () => {
    const name = 'spoke-a.internal.contoso.com';
    for (let index = 10_001; index < 35_000; index += 1)
      azure.zones.put(name, 'A', `web-${index}`, { values: [] });
    const body = { properties: { ttl: 1, aRecords: [] } };
    expect((await call(azure, 'PUT', `${ids.zone(name)}/A/one-more`, { body })).status).toBe(400);
    expect((await call(azure, 'PUT', `${ids.zone(name)}/A/web-20000`, { body })).status).toBe(200);
    expect(azure.zones.recordSets(name, 'A')).toHaveLength(24_999);
  });
});
