import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type LocalAzure,
  type LocalAzureOptions,
  startLocalAzure,
} from '../../../local/azure/local-azure.ts';
import { call, ids } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

const zone = 'spoke-a.internal.contoso.com';
const web = `${ids.zone(zone)}/A/web`;
const body = { properties: { ttl: 1, aRecords: [] } };

let azure: LocalAzure;
const start = async (options: LocalAzureOptions['privateDnsBehaviour'] = {}) => {
  await azure?.close();
  azure = await startLocalAzure({ privateDnsBehaviour: options });
  azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'] });
};
beforeEach(() => start());
afterEach(() => azure.close());

const send = async (method: string, headers: Readonly<Record<string, string>>, path = web) =>
  (await call(azure, method, path, method === 'PUT' ? { body, headers } : { headers })).status;
const etag = () => azure.zones.get(zone, 'A', 'web')?.etag ?? '';

describe('a precondition', () => {
  it.each([
    ['PUT', 'if-match', web],
    ['PUT', 'if-none-match', web],
    ['DELETE', 'if-match', web],
    ['PUT', 'if-match', `${ids.zone(zone)}/A/absent`],
    ['DELETE', 'if-match', `${ids.zone(zone)}/A/absent`],
  ])('that is empty is refused by %s with 400: %s of %s', async (method, header, path) => {
    const before = azure.zones.recordSets(zone);
    expect(await send(method, { [header]: '' }, path)).toBe(400);
    expect(azure.zones.recordSets(zone)).toEqual(before);
  });

  it('that is empty is refused when the SDK sends it, with the error of the provider', async () => {
    const put = privateDnsClient(azure).recordSets.createOrUpdate(
      'rg-hub-dns',
      zone,
      'A',
      'web',
      { ttl: 1, aRecords: [] },
      { ifMatch: '' },
    );
    await expect(put).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
      message: "The value of the header 'If-Match' is empty.",
    });
  });

  it.each([
    [412, 412],
    ['ignored', 200],
  ] as const)('that is empty is %s by switch', async (emptyPrecondition, status) => {
    await start({ emptyPrecondition });
    expect(await send('PUT', { 'if-match': '' })).toBe(status);
    expect(await send('DELETE', { 'if-match': '' })).toBe(status);
  });

  it('is met by the bare ETag, and by no other way to write it', async () => {
    for (const written of [
      `"${etag()}"`,
      `W/"${etag()}"`,
      `'${etag()}'`,
      etag().toUpperCase(),
      `${etag()}, *`,
      '""',
    ])
      expect([written, await send('PUT', { 'if-match': written })]).toEqual([written, 412]);
    expect(await send('PUT', { 'if-match': etag() })).toBe(200);
  });

  it('is met by an ETag in quotes, by switch', async () => {
    await start({ quotedEtag: 'matches' });
    expect(await send('PUT', { 'if-match': `"${etag()}"` })).toBe(200);
    expect(await send('PUT', { 'if-match': `W/"${etag()}"` })).toBe(412);
    expect(await send('DELETE', { 'if-match': etag() })).toBe(200);
  });

  it('of If-None-Match that is no star is ignored, as the service documents', async () => {
    expect(await send('PUT', { 'if-none-match': etag() })).toBe(200);
    expect(await send('PUT', { 'if-none-match': '*' })).toBe(412);
  });
});
