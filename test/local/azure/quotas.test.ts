import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { defaultQuotas, documentedLimits } from '../../../local/azure/private-dns/quotas.ts';
import { call, ids, type RawAnswer } from './arm-call.ts';

const zone = 'spoke-a.internal.contoso.com';
const body = { properties: { ttl: 1, aRecords: [] } };
/** Twenty seconds into a minute. */
const start = Date.UTC(2026, 0, 1, 12, 0, 20);

it('the quotas of a zone are those that Azure documents, unless told otherwise', () => {
  const limits = { create: 60, update: 60, delete: 60, get: 200, list: 100 };
  expect(defaultQuotas).toEqual({ enabled: true, limits, window: 'fixed' });
});

describe('quotas of a zone', () => {
  let azure: LocalAzure;
  afterEach(() => azure.close());

  const times = async (count: number, send: (index: number) => Promise<RawAnswer>) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => send(index)));
    return answers.map(({ status }) => status);
  };
  const set = (index: number) => `${ids.zone(zone)}/A/web-${index}`;

  it.each([
    ['create', (index: number) => call(azure, 'PUT', set(10 + index), { body })],
    ['update', () => call(azure, 'PUT', set(0), { body })],
    ['delete', (index: number) => call(azure, 'DELETE', set(index))],
    ['get', () => call(azure, 'GET', set(0))],
    ['list', () => call(azure, 'GET', `${ids.zone(zone)}/A`)],
  ] as const)('allow so many requests of kind %s a minute and zone', async (kind, send) => {
    const limits = { create: 9, update: 9, delete: 9, get: 9, list: 9, [kind]: 4 };
    azure = await startLocalAzure({ clock: new ManualClock(start), quotas: { limits } });
    for (let index = 0; index < 5; index += 1) azure.zones.put(zone, 'A', `web-${index}`, { values: [] });
    const statuses = await times(5, send);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(azure.zones.quota(zone, kind)).toEqual({ used: 4, refused: 1 });
    expect(azure.zones.quota('10.in-addr.arpa', kind).used).toBe(0);
  });

  it('count a replacement as an update, and every condition that fails', async () => {
    azure = await startLocalAzure({ clock: new ManualClock(start) });
    azure.zones.put(zone, 'A', 'web-0', { values: [] });
    await call(azure, 'PUT', set(0), { body });
    await call(azure, 'PUT', set(0), { body, headers: { 'if-match': 'stale' } });
    expect(azure.zones.quota(zone, 'update').used).toBe(2);
  });

  it('say when the minute ends, and start anew with the next one', async () => {
    const clock = new ManualClock(start);
    azure = await startLocalAzure({
      clock,
      quotas: { limits: { ...documentedLimits, get: 2 } },
    });
    await times(2, () => call(azure, 'GET', set(0)));
    await clock.advance(10_500);
    const refused = await call(azure, 'GET', set(0));
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(refused.body).toMatchObject({ code: 'TooManyRequests', message: expect.stringContaining(zone) });
    await clock.advance(29_500);
    expect((await call(azure, 'GET', set(0))).status).toBe(404);
  });

  it('can be buckets that refill evenly', async () => {
    const clock = new ManualClock(start);
    azure = await startLocalAzure({
      clock,
      quotas: { window: 'tokenBucket', limits: { ...documentedLimits, get: 30 } },
    });
    await times(30, () => call(azure, 'GET', set(0)));
    expect((await call(azure, 'GET', set(0))).headers.get('retry-after')).toBe('2');
    await clock.advance(6_000);
    const statuses = await times(4, () => call(azure, 'GET', set(0)));
    expect(statuses.toSorted()).toEqual([404, 404, 404, 429]);
  });

  it('can be switched off', async () => {
    const limits = { create: 0, update: 0, delete: 0, get: 0, list: 0 };
    azure = await startLocalAzure({ clock: new ManualClock(start), quotas: { enabled: false, limits } });
    expect((await call(azure, 'GET', set(0))).status).toBe(404);
  });
});
