import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';

let directory: string;
let azure: LocalAzure;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'));
  azure = await startLocalAzure({ requestJournal: join(directory, 'requests.txt') });
});
afterEach(async () => {
  await azure.close();
  await rm(directory, { recursive: true });
});

const journal = () => readFile(join(directory, 'requests.txt'), 'utf8');
const zone =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub-dns/providers/Microsoft.Network/privateDnsZones/spoke-a.internal.contoso.com';

async function get(path: string, userAgent: string): Promise<void> {
  const url = `${azure.armEndpoint}${path}?api-version=2024-06-01`;
  await (await fetch(url, { headers: { 'user-agent': userAgent } })).arrayBuffer();
}

describe('the request journal', () => {
  it('names each kind of request of the app once, with the type of resource', async () => {
    for (const name of ['web', 'api']) await get(`${zone}/A/${name}`, 'evenkeel azsdk-js-arm-privatedns');
    await get(`${zone}/PTR`, 'evenkeel azsdk-js-arm-privatedns');
    await get('/subscriptions', 'evenkeel');
    expect(await journal()).toBe(
      [
        'GET RecordSets_Get Microsoft.Network/privateDnsZones/A',
        'GET RecordSets_ListByType Microsoft.Network/privateDnsZones/PTR',
        'GET Subscriptions_List',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what others ask, whatever they ask with', async () => {
    await get(`${zone}/A/web`, 'azsdk-js-arm-privatedns/4.0.0');
    await get(`${zone}/A/web`, 'evenkeel-cli');
    await expect(journal()).rejects.toThrow('ENOENT');
  });
});
