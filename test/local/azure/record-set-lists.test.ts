import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { call, ids } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

const zone = 'spoke-a.internal.contoso.com';
const place = ['rg-hub-dns', zone] as const;

describe('lists of record sets', () => {
  let azure: LocalAzure;
  let sets: ReturnType<typeof privateDnsClient>['recordSets'];
  const names = Array.from({ length: 250 }, (_, index) => `web-${String(index).padStart(3, '0')}`);
  beforeAll(async () => {
    azure = await startLocalAzure({ quotas: { enabled: false } });
    sets = privateDnsClient(azure).recordSets;
    for (const name of names) azure.zones.put(zone, 'A', name, { values: ['10.1.0.4'] });
    azure.zones.put(zone, 'TXT', 'web-100', { values: ['text'] });
    for (const name of ['one.apps', 'two.apps', 'apps', 'notapps'])
      azure.zones.put(zone, 'A', name, { values: [] });
  });
  afterAll(() => azure.close());

  const collect = async (list: AsyncIterable<{ name?: string; type?: string }>) => {
    const found: string[] = [];
    for await (const { name, type } of list) found.push(`${type?.split('/').at(-1)} ${name}`);
    return found;
  };

  it('hold one type, in pages no longer than asked for', async () => {
    const mark = azure.requests.mark();
    const found = await collect(sets.listByType(...place, 'A', { top: 50 }));
    expect(found.filter((one) => one.startsWith('A web-'))).toHaveLength(250);
    expect(found).toHaveLength(254);
    expect(azure.requests.since(mark, 'RecordSets_ListByType')).toHaveLength(6);
  });

  it('hold the names that end in a suffix after a dot', async () => {
    expect(await collect(sets.listByType(...place, 'A', { recordsetnamesuffix: 'APPS' }))).toEqual([
      'A one.apps',
      'A two.apps',
    ]);
    const paged = sets.listByType(...place, 'A', { recordsetnamesuffix: 'apps', top: 1 });
    expect(await collect(paged)).toHaveLength(2);
  });

  it('lead to the next page by a link at the host that the client asked, with its query', async () => {
    const path = `${ids.zone(zone)}/A?api-version=2024-06-01&%24top=200`;
    const { body } = await call(azure, 'GET', path);
    expect(body).toMatchObject({ nextLink: expect.stringContaining(`${azure.armEndpoint}/subscriptions/`) });
    expect(body).toMatchObject({ nextLink: expect.stringMatching(/[?&]\$top=200(&|$)/) });
    expect(body).toMatchObject({ nextLink: expect.stringMatching(/api-version=2024-06-01.*\$skipToken=/) });
  });

  it('end a full last page without a link', async () => {
    const { body } = await call(azure, 'GET', `${ids.zone('10.in-addr.arpa')}/SOA?api-version=1&$top=1`);
    expect(body).toEqual({ value: [expect.objectContaining({ name: '@' })] });
  });

  it('go on behind the last set shown when sets come and go in between', async () => {
    const pages = sets.listByType(...place, 'A', { top: 100 }).byPage();
    const first = await pages.next();
    azure.zones.remove(zone, 'A', 'web-000');
    azure.zones.put(zone, 'A', 'aaa', { values: [] });
    const rest: unknown[] = [];
    for await (const page of pages) rest.push(...page.map(({ name }) => name));
    azure.zones.put(zone, 'A', 'web-000', { values: [] });
    azure.zones.remove(zone, 'A', 'aaa');
    expect(first.value).toHaveLength(100);
    expect(rest).not.toContain('aaa');
    expect(new Set(rest)).toContain('web-249');
    expect(rest).toHaveLength(154);
  });

  it('are refused for a type that does not exist, a page of no length and a made-up token', async () => {
    const list = (tail: string) => call(azure, 'GET', `${ids.zone(zone)}/${tail}`);
    expect((await list('NOPE')).status).toBe(404);
    expect((await list('A?api-version=1&$top=0')).status).toBe(400);
    expect((await list('A?api-version=1&$skipToken=!')).status).toBe(400);
  });
});
