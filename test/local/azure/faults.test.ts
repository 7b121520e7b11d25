import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { call, ids, type RawAnswer } from './arm-call.ts';
import { privateDnsClient } from './sdk-clients.ts';

const zone = 'spoke-a.internal.contoso.com';
const web = `${ids.zone(zone)}/A/web`;
const other = `${ids.zone(zone)}/A/other`;
const refusal = { kind: 'status', status: 503 } as const;

let azure: LocalAzure;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  azure = await startLocalAzure({ clock });
  azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'] });
  azure.zones.put(zone, 'A', 'other', { values: ['10.1.0.5'] });
});
afterEach(() => azure.close());

const statuses = async (...requests: readonly (readonly [method: string, path: string])[]) => {
  const found: number[] = [];
  for (const [method, path] of requests) found.push((await call(azure, method, path)).status);
  return found;
};

describe('a fault meets', () => {
  it('one resource by its ARM id, in any casing, and no other', async () => {
    azure.faults.add({ ...refusal, path: web.toUpperCase() });
    expect(await statuses(['GET', web], ['DELETE', web], ['GET', other], ['GET', `${web}2`])).toEqual([
      503, 503, 200, 404,
    ]);
  });

  it('what lies below a path, but not a neighbour whose name begins alike', async () => {
    azure.faults.add({ ...refusal, pathPrefix: `${ids.zone(zone)}/a/` });
    expect(await statuses(['GET', web], ['GET', `${ids.zone(zone)}/A`])).toEqual([503, 503]);
    expect(await statuses(['GET', `${ids.zone(zone)}/AAAA`], ['GET', ids.zone(zone)])).toEqual([200, 200]);
  });

  it('a name that the client writes percent-encoded', async () => {
    azure.faults.add({ ...refusal, path: `${ids.zone(zone)}/A/@` });
    expect(await statuses(['GET', `${ids.zone(zone)}/A/%40`])).toEqual([503]);
  });

  it('a method and an operation of a path', async () => {
    azure.faults.add({ ...refusal, path: web, method: 'delete' });
    azure.faults.add({ ...refusal, status: 429, pathPrefix: ids.zone(zone), match: 'RecordSets_ListByType' });
    expect(await statuses(['GET', web], ['DELETE', web], ['GET', `${ids.zone(zone)}/A`])).toEqual([
      200, 503, 429,
    ]);
  });

  it('the next requests only, as many as it is for', async () => {
    const { hits } = azure.faults.add({ ...refusal, path: web, times: 2 });
    expect(await statuses(['GET', web], ['GET', other], ['GET', web], ['GET', web])).toEqual([
      503, 200, 503, 200,
    ]);
    expect(hits()).toBe(2);
  });

  it.each([
    [1, [503]],
    [2, [200, 503]],
    ['following', [200, 503]],
    [3, [200, 200, 503]],
  ] as const)('page %s of a list', async (page, expected) => {
    for (let index = 0; index < 5; index += 1) azure.zones.put(zone, 'A', `web-${index}`, { values: [] });
    azure.faults.add({ ...refusal, match: 'RecordSets_ListByType', page });
    let next = `${ids.zone(zone)}/A?api-version=2024-06-01&$top=2`;
    const found: number[] = [];
    for (;;) {
      const { status, body } = await call(azure, 'GET', next);
      found.push(status);
      const link: unknown = Object(body).nextLink;
      if (typeof link !== 'string') break;
      next = link.slice(azure.armEndpoint.length);
    }
    expect(found).toEqual(expected);
  });
});

it('a fault of the following pages meets a link that a test made up', async () => {
  const list = `${ids.zone(zone)}/A`;
  const nextLink = `${azure.armEndpoint}${list}?api-version=1&$skipToken=made-up`;
  azure.faults.add({ kind: 'status', status: 200, body: { value: [], nextLink }, path: list, page: 1 });
  azure.faults.add({ ...refusal, path: list, page: 'following' });
  const { body } = await call(azure, 'GET', list);
  expect((await fetch(Object(body).nextLink)).status).toBe(503);
});

describe('a fault answers with', () => {
  const get = () => call(azure, 'GET', web);

  it.each([
    [{ shape: 'nested' }, { error: { code: 'X', message: 'Y' } }],
    [{ shape: 'flat' }, { code: 'X', message: 'Y' }],
    [{ body: { value: null } }, { value: null }],
    [{ body: null }, null],
  ] as const)('a body as %j says', async (body, expected) => {
    azure.faults.add({ kind: 'status', status: 409, code: 'X', message: 'Y', path: web, ...body });
    expect(await get()).toMatchObject({ status: 409, body: expected });
  });

  it('a status of success that no operation gave', async () => {
    azure.faults.add({ kind: 'status', status: 200, body: {}, path: web, method: 'PUT' });
    const { status, body } = await call(azure, 'PUT', web, { body: { properties: { ttl: 1 } } });
    expect([status, body]).toEqual([200, {}]);
    expect(azure.zones.get(zone, 'A', 'web')?.values).toEqual(['10.1.0.4']);
  });

  it('HTML, as a proxy between does', async () => {
    azure.faults.add({ kind: 'status', status: 200, text: '<html>Sign in</html>', path: web });
    const answer = await fetch(`${azure.armEndpoint}${web}?api-version=1`);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toBe('<html>Sign in</html>');
  });

  it('a time to wait, in seconds, as a date and in milliseconds', async () => {
    const headersOf = async (more: object): Promise<(string | null)[]> => {
      azure.faults.clear();
      azure.faults.add({ kind: 'status', status: 429, path: web, ...more });
      const { headers } = await get();
      return ['retry-after', 'x-ms-retry-after-ms', 'x-other'].map((name) => headers.get(name));
    };
    expect(await headersOf({ retryAfterSeconds: 3600 })).toEqual(['3600', null, null]);
    expect(await headersOf({ retryAfterDateSeconds: 90 })).toEqual([
      'Thu, 01 Jan 2026 00:01:30 GMT',
      null,
      null,
    ]);
    expect(await headersOf({ retryAfterSeconds: 1, retryAfterMs: 1500 })).toEqual(['1', '1500', null]);
    expect(await headersOf({ headers: { 'Retry-After': 'soon', 'x-other': 'y' } })).toEqual([
      'soon',
      null,
      'y',
    ]);
  });

  it('less than there is: a record set without an ETag, alone and in a list', async () => {
    azure.faults.add({ kind: 'withoutMembers', members: ['ETag'], pathPrefix: ids.zone(zone) });
    const { headers, body } = await get();
    expect(headers.get('etag')).toBeNull();
    expect(body).toMatchObject({ name: 'web', properties: { ttl: 60 } });
    expect(body).not.toHaveProperty('etag');
    const list = await call(azure, 'GET', `${ids.zone(zone)}/A`);
    expect(list.body).toMatchObject({ value: [{ name: 'other' }, { name: 'web' }] });
    expect(JSON.stringify(list.body)).not.toContain('etag');
    const set = await privateDnsClient(azure).recordSets.get('rg-hub-dns', zone, 'A', 'web');
    expect([set.etag, set.aRecords]).toEqual([undefined, [{ ipv4Address: '10.1.0.4' }]]);
  });

  it('whatever a test makes of the answer', async () => {
    azure.faults.add({
      kind: 'changedAnswer',
      path: web,
      change: (answer) => ({ ...answer, status: 203, body: { was: answer.status } }),
    });
    expect(await get()).toMatchObject({ status: 203, body: { was: 200 } });
  });
});

describe('a fault lets a client wait', () => {
  it('for a refusal, by the clock', async () => {
    azure.faults.add({ ...refusal, path: web, delayMs: 5_000 });
    const asleep = Promise.withResolvers<void>();
    azure.onRequest(() => void setImmediate(asleep.resolve));
    const answer = call(azure, 'GET', web);
    await asleep.promise;
    expect(clock.sleeping).toBe(1);
    await clock.advance(5_000);
    expect((await answer).status).toBe(503);
  });

  it('for a body whose headers came, though the effect happened', async () => {
    azure.faults.add({ kind: 'withheldBody', path: web });
    const body = JSON.stringify({ properties: { ttl: 7, aRecords: [] } });
    const giveUp = new AbortController();
    const answer = await fetch(`${azure.armEndpoint}${web}?api-version=1`, {
      method: 'PUT',
      body,
      signal: giveUp.signal,
    });
    expect([answer.status, answer.headers.get('etag')]).toEqual([
      200,
      azure.zones.get(zone, 'A', 'web')?.etag,
    ]);
    expect(azure.zones.get(zone, 'A', 'web')?.ttl).toBe(7);
    const text = answer.text();
    giveUp.abort();
    await expect(text).rejects.toThrow('aborted');
  });

  it('for a body until the simulator closes', async () => {
    azure.faults.add({ kind: 'withheldBody', path: web });
    const answer = await fetch(`${azure.armEndpoint}${web}?api-version=1`);
    const outcome = answer.text().then(
      () => 'ended',
      () => 'broken off',
    );
    await azure.close();
    expect(await outcome).toBe('broken off');
  });
});

describe('faults over the control surface', () => {
  const sim = (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
    call(azure, method, `/_sim/${path}`, body === undefined ? {} : { body });

  it('are set by path, method, operation and page, with everything that an answer can hold', async () => {
    const fault = {
      operation: 'RecordSets_Get',
      method: 'GET',
      pathPrefix: ids.zone(zone).toUpperCase(),
      page: 1,
      times: 1,
      kind: 'status',
      status: 429,
      code: 'TooManyRequests',
      message: 'Slow down.',
      shape: 'flat',
      retryAfterDateSeconds: 60,
      retryAfterMs: 60_000,
      headers: { 'x-ms-failure-cause': 'gateway' },
    };
    expect(await sim('POST', 'faults', fault)).toMatchObject({ status: 201, body: { id: 1 } });
    expect((await sim('GET', 'faults')).body).toEqual({ value: [{ id: 1, hits: 0, ...fault }] });
    const { status, body, headers } = await call(azure, 'GET', web);
    expect([status, body]).toEqual([429, { code: 'TooManyRequests', message: 'Slow down.' }]);
    expect(headers.get('retry-after')).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
    expect(headers.get('x-ms-retry-after-ms')).toBe('60000');
    expect(headers.get('x-ms-failure-cause')).toBe('gateway');
    expect((await sim('GET', 'faults')).body).toEqual({ value: [] });
  });

  it('are removed one by one', async () => {
    const subscription = `/subscriptions/${sampleSubscriptionId}`;
    await sim('POST', 'faults', { pathPrefix: subscription, kind: 'status', status: 200, body: null });
    await sim('POST', 'faults', { path: web, kind: 'withoutMembers', members: ['etag'] });
    azure.faults.add({ ...refusal, match: /A/ });
    expect((await sim('GET', 'faults')).body).toMatchObject({
      value: [{ id: 1, body: null }, { id: 2 }, { id: 3, match: '/A/' }],
    });
    expect((await sim('DELETE', 'faults/1')).status).toBe(204);
    expect((await sim('DELETE', 'faults/1')).status).toBe(400);
    expect((await call(azure, 'GET', web)).body).not.toHaveProperty('etag');
    expect((await sim('DELETE', 'faults')).status).toBe(204);
    expect((await call(azure, 'GET', web)).body).toHaveProperty('etag');
  });

  it.each([
    [{ kind: 'hang' }, 'to say which requests meet the fault'],
    [{ kind: 'status', status: 100, path: web }, 'status'],
    [{ kind: 'hang', path: web, page: 0 }, 'page'],
    [{ kind: 'hang', path: web, delayMs: -1 }, 'delayMs'],
    [{ kind: 'withoutMembers', path: web, members: [] }, 'members'],
  ])('are refused as %j', async (fault, message) => {
    const { status, body } = await sim('POST', 'faults', fault);
    expect([status, body]).toMatchObject([400, { error: { message: expect.stringContaining(message) } }]);
  });
});
