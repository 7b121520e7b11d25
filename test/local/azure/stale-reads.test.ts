import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { call, ids, type RawAnswer } from './arm-call.ts';

const zone = 'spoke-a.internal.contoso.com';
const web = `${ids.zone(zone)}/A/web`;

let azure: LocalAzure;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  azure = await startLocalAzure({ clock, quotas: { enabled: false } });
});
afterEach(() => azure.close());

const write = (name: string, ...values: string[]) => azure.zones.put(zone, 'A', name, { values });
const addresses = (body: unknown): unknown =>
  Object(body).properties?.aRecords?.map((record: object) => Object(record).ipv4Address);
const get = async (name: string) => {
  const { status, body } = await call(azure, 'GET', `${ids.zone(zone)}/A/${name}`);
  return status === 200 ? addresses(body) : status;
};
const list = async () => {
  const { body } = await call(azure, 'GET', `${ids.zone(zone)}/A`);
  return Object(body).value.map((set: unknown) => [Object(set).name, addresses(set)]);
};

describe('stale reads of record sets', () => {
  it('lag behind by so much of the clock, until they are cleared', async () => {
    write('web', '10.1.0.4');
    azure.staleReads.add({ kind: 'lag', ms: 5_000 });
    expect(await get('web')).toBe(404);
    await clock.advance(5_000);
    expect(await get('web')).toEqual(['10.1.0.4']);
    write('web', '10.1.0.5');
    await clock.advance(4_999);
    expect([await get('web'), await list()]).toEqual([['10.1.0.4'], [['web', ['10.1.0.4']]]]);
    azure.zones.remove(zone, 'A', 'web');
    await clock.advance(1);
    expect(await get('web')).toEqual(['10.1.0.5']);
    await clock.advance(5_000);
    expect([await get('web'), await list()]).toEqual([404, []]);
    write('web', '10.1.0.6');
    azure.staleReads.clear();
    expect(await get('web')).toEqual(['10.1.0.6']);
  });

  it('show each record set before the last write to it', async () => {
    write('web', '10.1.0.4');
    write('web', '10.1.0.5');
    write('new', '10.1.0.6');
    write('gone', '10.1.0.7');
    azure.zones.remove(zone, 'A', 'gone');
    azure.staleReads.add({ kind: 'beforeLastWrite' });
    expect([await get('web'), await get('new'), await get('gone')]).toEqual([
      ['10.1.0.4'],
      404,
      ['10.1.0.7'],
    ]);
    expect(await list()).toEqual([
      ['gone', ['10.1.0.7']],
      ['web', ['10.1.0.4']],
    ]);
  });

  it('stand still from the moment they are frozen, even for writes of the same millisecond', async () => {
    write('web', '10.1.0.4');
    const { remove } = azure.staleReads.add({ kind: 'frozen', pathPrefix: ids.zone(zone) });
    write('web', '10.1.0.5');
    write('new', '10.1.0.6');
    await clock.advance(3_600_000);
    write('web', '10.1.0.7');
    expect([await get('web'), await get('new'), await list()]).toEqual([
      ['10.1.0.4'],
      404,
      [['web', ['10.1.0.4']]],
    ]);
    remove();
    expect([await get('web'), await get('new')]).toEqual([['10.1.0.7'], ['10.1.0.6']]);
  });

  it('concern one record set, or only GET or lists', async () => {
    for (const name of ['web', 'other']) {
      write(name, '10.1.0.4');
      write(name, '10.1.0.5');
    }
    const { remove } = azure.staleReads.add({ kind: 'beforeLastWrite', path: web.toUpperCase() });
    expect([await get('web'), await get('other')]).toEqual([['10.1.0.4'], ['10.1.0.5']]);
    remove();
    azure.staleReads.add({ kind: 'beforeLastWrite', reads: 'list' });
    expect([await get('web'), await list()]).toEqual([
      ['10.1.0.5'],
      [
        ['other', ['10.1.0.4']],
        ['web', ['10.1.0.4']],
      ],
    ]);
  });

  it('bring an ETag that writes refuse, because writes see the present', async () => {
    write('web', '10.1.0.4');
    write('web', '10.1.0.5');
    azure.staleReads.add({ kind: 'beforeLastWrite', resources: 'recordSets' });
    const etag = (await call(azure, 'GET', web)).headers.get('etag') ?? '';
    const body = { properties: { ttl: 1, aRecords: [] } };
    expect((await call(azure, 'PUT', web, { body, headers: { 'if-match': etag } })).status).toBe(412);
    expect((await call(azure, 'PUT', web, { body, headers: { 'if-none-match': '*' } })).status).toBe(412);
  });

  it('reach back ten minutes, and no further', async () => {
    write('web', '10.1.0.4');
    write('gone', '10.1.0.5');
    azure.zones.remove(zone, 'A', 'gone');
    await clock.advance(600_001);
    write('web', '10.1.0.6');
    azure.staleReads.add({ kind: 'lag', ms: 600_000 });
    expect(await get('web')).toEqual(['10.1.0.4']);
    expect(() => azure.staleReads.add({ kind: 'lag', ms: 600_001 })).toThrow(RangeError);
    azure.staleReads.clear();
    azure.staleReads.add({ kind: 'beforeLastWrite' });
    // Its deletion is too long ago.
    expect([await get('web'), await get('gone')]).toEqual([['10.1.0.4'], 404]);
  });
});

describe('stale reads of container groups', () => {
  const group = { resourceGroup: 'rg-spoke-a', name: 'web' };
  const shown = async () => {
    const { status, body } = await call(azure, 'GET', ids.group('web'));
    const { provisioningState, ipAddress } = Object(body).properties ?? {};
    return [status, provisioningState, ipAddress?.ip];
  };
  const names = async () => {
    const { body } = await call(azure, 'GET', ids.group('').replace(/\/$/, ''));
    return Object(body).value.map((one: unknown) => Object(one).name);
  };

  it('show the address before a move, and a group that was deleted', async () => {
    const id = azure.containerGroups.create(group);
    azure.containerGroups.move(id, '10.1.0.9');
    azure.staleReads.add({ kind: 'beforeLastWrite', resources: 'containerGroups' });
    expect(await shown()).toEqual([200, 'Succeeded', '10.1.0.4']);
    azure.containerGroups.delete(id);
    expect([await shown(), await names()]).toEqual([[200, 'Succeeded', '10.1.0.9'], ['web']]);
    azure.staleReads.clear();
    expect([await shown(), await names()]).toEqual([[404, undefined, undefined], []]);
  });

  it('do not show a group that was created at once, with all its steps', async () => {
    azure.containerGroups.create(group);
    azure.containerGroups.create({ ...group, name: 'other', resourceGroup: 'rg-spoke-b' });
    azure.staleReads.add({ kind: 'beforeLastWrite', pathPrefix: ids.group('web') });
    expect([await shown(), await names()]).toEqual([[404, undefined, undefined], []]);
  });

  it('lag through the steps of a change that takes its time', async () => {
    azure.containerGroups.create({ ...group, asynchronous: true });
    await clock.advance(600);
    azure.staleReads.add({ kind: 'lag', ms: 600 });
    expect(await shown()).toEqual([200, 'Pending', undefined]);
    await clock.advance(300);
    expect(await shown()).toEqual([200, 'Pending', '10.1.0.4']);
    await clock.advance(300);
    expect(await shown()).toEqual([200, 'Succeeded', '10.1.0.4']);
  });
});

describe('stale reads over the control surface', () => {
  const sim = (method: string, body?: unknown): Promise<RawAnswer> =>
    call(azure, method, '/_sim/stale-reads', body === undefined ? {} : { body });

  it('are set, shown and cleared', async () => {
    write('web', '10.1.0.4');
    const rule = { kind: 'beforeLastWrite', path: web, resources: 'recordSets', reads: 'get' };
    expect((await sim('POST', rule)).status).toBe(204);
    expect((await sim('GET')).body).toEqual({ value: [rule] });
    expect(await get('web')).toBe(404);
    expect((await sim('DELETE')).status).toBe(204);
    expect(await get('web')).toEqual(['10.1.0.4']);
  });

  it.each([{ kind: 'lag', ms: 0 }, { kind: 'lag' }, { kind: 'old' }, { kind: 'frozen', reads: 'put' }])(
    'are refused as %j',
    async (rule) => {
      expect((await sim('POST', rule)).status).toBe(400);
    },
  );
});
