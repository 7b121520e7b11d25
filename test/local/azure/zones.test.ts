import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { call, ids } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

describe('private DNS zones', () => {
  let azure: LocalAzure;
  beforeEach(async () => {
    azure = await startLocalAzure();
  });
  afterEach(() => azure.close());

  it('are shown to the SDK with what they hold, and not found where there is none', async () => {
    azure.zones.create({ name: 'New.Example.com' });
    const { privateZones } = privateDnsClient(azure);
    expect(await privateZones.get('RG-HUB-DNS', 'new.example.com')).toMatchObject({
      name: 'new.example.com',
      maxNumberOfRecordSets: 25_000,
      numberOfRecordSets: 1,
      numberOfVirtualNetworkLinks: 1,
      provisioningState: 'Succeeded',
    });
    azure.zones.delete('new.example.com');
    await expect(privateZones.get('rg-hub-dns', 'new.example.com')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

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
