import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { call, ids } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

const zone = 'spoke-a.internal.contoso.com';
const place = ['rg-hub-dns', zone] as const;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('record sets', () => {
  let azure: LocalAzure;
  let sets: ReturnType<typeof privateDnsClient>['recordSets'];
  beforeAll(async () => {
    azure = await startLocalAzure({ quotas: { enabled: false } });
    sets = privateDnsClient(azure).recordSets;
  });
  afterAll(() => azure.close());

  const a = (address = '10.1.0.4') => ({ ttl: 30, aRecords: [{ ipv4Address: address }] });
  const put = (name: string, body: object, headers = {}) =>
    call(azure, 'PUT', `${ids.zone(zone)}/A/${name}`, { body: { properties: body }, headers });

  describe('are written', () => {
    it('as given, under a name in lower case, with 201 when new and 200 when replaced', async () => {
      const created = await put('Web', { ...a(), metadata: { evenkeelOwner: 'x' } });
      expect(created.status).toBe(201);
      expect(created.body).toEqual({
        id: `${ids.zone(zone)}/A/web`,
        name: 'web',
        type: 'Microsoft.Network/privateDnsZones/A',
        etag: expect.stringMatching(guid),
        properties: {
          metadata: { evenkeelOwner: 'x' },
          ttl: 30,
          fqdn: `web.${zone}.`,
          isAutoRegistered: false,
          aRecords: [{ ipv4Address: '10.1.0.4' }],
        },
      });
      const replaced = await put('WEB', a('10.1.0.5'));
      expect(replaced.status).toBe(200);
      expect(replaced.body).toMatchObject({
        name: 'web',
        properties: { aRecords: [{ ipv4Address: '10.1.0.5' }] },
      });
      expect(replaced.body).not.toHaveProperty('properties.metadata');
    });

    it('with an ETag that is a bare GUID, the same in body and header, and another after every PUT', async () => {
      const [first, second] = [await put('etag', a()), await put('etag', a())];
      const read = await call(azure, 'GET', `${ids.zone(zone)}/A/etag`);
      expect(first.headers.get('etag')).toMatch(guid);
      expect(first.body).toHaveProperty('etag', first.headers.get('etag'));
      expect(second.headers.get('etag')).not.toBe(first.headers.get('etag'));
      expect(read.headers.get('etag')).toBe(second.headers.get('etag'));
    });

    it('with member names in any casing, and without records', async () => {
      expect((await put('casing', { TTL: 10, ARecords: [{ ipv4Address: '10.1.0.9' }] })).body).toMatchObject({
        properties: { ttl: 10, aRecords: [{ ipv4Address: '10.1.0.9' }] },
      });
      expect((await put('empty', { ttl: 10, aRecords: [] })).status).toBe(201);
    });

    it('at the apex, below a wildcard and as PTR, CNAME and TXT', async () => {
      await sets.createOrUpdate(...place, 'A', '@', a());
      await sets.createOrUpdate(...place, 'A', '*.apps', a());
      await sets.createOrUpdate('rg-hub-dns', '10.in-addr.arpa', 'PTR', '4.0.2', {
        ttl: 5,
        ptrRecords: [{ ptrdname: 'web.example.com.' }],
      });
      await sets.createOrUpdate(...place, 'CNAME', 'alias', {
        ttl: 5,
        cnameRecord: { cname: 'web.example.com' },
      });
      await sets.createOrUpdate(...place, 'TXT', 'text', { ttl: 5, txtRecords: [{ value: ['a', 'b'] }] });
      expect((await sets.get(...place, 'A', '@')).fqdn).toBe(`${zone}.`);
      expect((await sets.get(...place, 'A', '*.apps')).fqdn).toBe(`*.apps.${zone}.`);
      expect((await sets.get('rg-hub-dns', '10.in-addr.arpa', 'PTR', '4.0.2')).ptrRecords).toEqual([
        { ptrdname: 'web.example.com.' },
      ]);
      expect((await sets.get(...place, 'CNAME', 'alias')).cnameRecord).toEqual({ cname: 'web.example.com' });
      expect((await sets.get(...place, 'TXT', 'text')).txtRecords).toEqual([{ value: ['a', 'b'] }]);
    });
  });

  describe('on conditions', () => {
    it('are not created where one exists', async () => {
      await sets.createOrUpdate(...place, 'A', 'once', a(), { ifNoneMatch: '*' });
      await expect(
        sets.createOrUpdate(...place, 'A', 'once', a(), { ifNoneMatch: '*' }),
      ).rejects.toMatchObject({
        statusCode: 412,
        code: 'PreconditionFailed',
        message: 'The Record set once exists already and hence cannot be created again.',
      });
    });

    it('are replaced and deleted with the present ETag or with a star, not with an older one', async () => {
      const older = await sets.createOrUpdate(...place, 'A', 'guarded', a());
      const ifMatch = older.etag ?? '';
      await sets.createOrUpdate(...place, 'A', 'guarded', a(), { ifMatch });
      const stale = {
        statusCode: 412,
        code: 'PreconditionFailed',
        message: 'The Record set guarded has been modified (etag mismatch).',
      };
      await expect(sets.createOrUpdate(...place, 'A', 'guarded', a(), { ifMatch })).rejects.toMatchObject(
        stale,
      );
      await expect(sets.delete(...place, 'A', 'guarded', { ifMatch })).rejects.toMatchObject(stale);
      const { etag } = await sets.createOrUpdate(...place, 'A', 'guarded', a(), { ifMatch: '*' });
      await sets.delete(...place, 'A', 'guarded', { ifMatch: etag ?? '' });
      await expect(sets.get(...place, 'A', 'guarded')).rejects.toMatchObject({ statusCode: 404 });
    });

    it('are not created by an ETag, even a star', async () => {
      for (const ifMatch of ['*', '00000000-0000-0000-0000-000000000000']) {
        await expect(sets.createOrUpdate(...place, 'A', 'ghost', a(), { ifMatch })).rejects.toMatchObject({
          statusCode: 412,
        });
      }
    });

    it('ignore an ETag in the body', async () => {
      await sets.createOrUpdate(...place, 'A', 'body', a());
      const etag = '00000000-0000-0000-0000-000000000000';
      expect(await sets.createOrUpdate(...place, 'A', 'body', { ...a(), etag })).toMatchObject(a());
    });
  });

  it('are deleted with 200, and with 204 when absent', async () => {
    await put('fleeting', a());
    const path = `${ids.zone(zone)}/A/fleeting`;
    expect(await call(azure, 'DELETE', path)).toMatchObject({ status: 200, body: undefined });
    expect(await call(azure, 'DELETE', path)).toMatchObject({ status: 204, body: undefined });
    expect((await call(azure, 'DELETE', path, { headers: { 'if-match': 'x' } })).status).toBe(204);
  });

  it('that are absent are reported in a flat body, missing zones and groups in a nested one', async () => {
    const absent = await call(azure, 'GET', `${ids.zone(zone)}/A/nobody`);
    expect([absent.status, absent.body]).toEqual([
      404,
      {
        code: 'NotFound',
        message: `The resource record 'nobody' does not exist in resource group 'rg-hub-dns' of subscription '00000000-0000-0000-0000-000000000000'.`,
      },
    ]);
    const noZone = await call(azure, 'GET', `${ids.zone('other.example.com')}/A/web`);
    expect([noZone.status, noZone.body]).toMatchObject([404, { error: { code: 'ParentResourceNotFound' } }]);
    const noGroup = await call(azure, 'GET', `${ids.zone(zone).replace('rg-hub-dns', 'rg-none')}/A/web`);
    expect([noGroup.status, noGroup.body]).toMatchObject([404, { error: { code: 'ResourceGroupNotFound' } }]);
    await expect(sets.get(...place, 'A', 'nobody')).rejects.toMatchObject({
      statusCode: 404,
      code: 'NotFound',
    });
  });

  it('are addressed in any casing', async () => {
    await put('cased', a());
    const shouted = await call(azure, 'GET', `${ids.zone(zone).toUpperCase()}/a/CASED`);
    expect(shouted.body).toMatchObject({ id: `${ids.zone(zone)}/A/cased` });
  });

  describe('are refused', () => {
    const many = Array.from({ length: 21 }, (_, index) => ({ ipv4Address: `10.1.0.${index + 4}` }));
    it.each([
      ['without a TTL', 'bad', { aRecords: [] }],
      ['with a TTL of 0', 'bad', { ttl: 0, aRecords: [] }],
      ['with a TTL beyond 31 bits', 'bad', { ttl: 2_147_483_648, aRecords: [] }],
      ['with what is no address', 'bad', { ttl: 1, aRecords: [{ ipv4Address: '10.1.0' }] }],
      ['with an address given twice', 'bad', { ttl: 1, aRecords: [...a().aRecords, ...a().aRecords] }],
      ['with more than 20 records', 'bad', { ttl: 1, aRecords: many }],
      ['under a name with a bad label', 'bad..name', a()],
    ])('%s', async (_, name, body) => {
      const answer = await put(name, body);
      expect([answer.status, answer.body]).toMatchObject([400, { code: 'BadRequest' }]);
    });

    it('beside a CNAME, and a CNAME beside others', async () => {
      await put('taken', a());
      const cname = { properties: { ttl: 1, cnameRecord: { cname: 'x.example.com' } } };
      expect((await call(azure, 'PUT', `${ids.zone(zone)}/CNAME/taken`, { body: cname })).status).toBe(400);
      expect((await call(azure, 'PUT', `${ids.zone(zone)}/CNAME/lone`, { body: cname })).status).toBe(201);
      expect((await put('lone', a())).status).toBe(400);
    });

    it('when the platform registered the set by itself', async () => {
      azure.zones.put(zone, 'A', 'vm', { values: ['10.1.0.200'], isAutoRegistered: true });
      expect(await sets.get(...place, 'A', 'vm')).toMatchObject({ isAutoRegistered: true });
      expect((await put('vm', a())).status).toBe(400);
      expect((await call(azure, 'DELETE', `${ids.zone(zone)}/A/vm`)).status).toBe(400);
      expect(azure.zones.get(zone, 'A', 'vm')?.values).toEqual(['10.1.0.200']);
    });
  });
});

describe('switches of Private DNS', () => {
  it.each([
    { ifMatchOnAbsentPut: 404, method: 'PUT', status: 404 },
    { ifMatchOnAbsentPut: 412, method: 'PUT', status: 412 },
    { ifMatchOnAbsentDelete: 404, method: 'DELETE', status: 404 },
    { ifMatchOnAbsentDelete: 412, method: 'DELETE', status: 412 },
  ] as const)(
    'answer a conditional $method of an absent set with $status',
    async ({ method, status, ...privateDnsBehaviour }) => {
      const azure = await startLocalAzure({ privateDnsBehaviour });
      const body = { properties: { ttl: 1, aRecords: [] } };
      const answer = await call(azure, method, `${ids.zone(zone)}/A/absent`, {
        ...(method === 'PUT' ? { body } : {}),
        headers: { 'if-match': 'x' },
      });
      await azure.close();
      expect(answer.status).toBe(status);
    },
  );

  it('nest the bodies of errors, and name a missing zone otherwise', async () => {
    const azure = await startLocalAzure({
      privateDnsBehaviour: {
        errorShape: 'nested',
        missingZoneCode: 'ResourceNotFound',
        autoRegisteredWrite: 409,
      },
    });
    azure.zones.put(zone, 'A', 'vm', { values: ['10.1.0.200'], isAutoRegistered: true });
    const absent = await call(azure, 'GET', `${ids.zone(zone)}/A/nobody`);
    const noZone = await call(azure, 'GET', `${ids.zone('other.example.com')}/A/web`);
    const registered = await call(azure, 'DELETE', `${ids.zone(zone)}/A/vm`);
    await azure.close();
    expect(absent.body).toMatchObject({ error: { code: 'NotFound' } });
    expect(noZone.body).toMatchObject({ error: { code: 'ResourceNotFound' } });
    expect([registered.status, registered.body]).toMatchObject([409, { error: { code: 'Conflict' } }]);
  });
});
