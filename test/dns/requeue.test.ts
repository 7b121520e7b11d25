import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/dns/change.ts';
import type { PlanInput } from '../../src/dns/plan.ts';
import type { ObservedRecordSet } from '../../src/dns/record-set.ts';
import {
  encodeRequeueMessage,
  parseRequeueMessage,
  pauseAfterFailure,
  rechecksFor,
  withFailure,
} from '../../src/dns/requeue.ts';
import { parseHints } from '../../src/dns/signals.ts';
import { ago, aKey, groupId, hourMs, minuteMs, now, ownA, ownPtr } from './fixtures.ts';

const web = groupId('Web');
const many = Array.from({ length: 20 }, (_, index) => `10.1.0.${index}`);

describe('a message', () => {
  it.each([
    [
      { addresses: ['10.1.0.4'], trigger: 'event' },
      { containerGroup: web.key, addresses: ['10.1.0.4'] },
    ],
    [{ addresses: [], trigger: 'event' }, { containerGroup: web.key }],
    [
      { addresses: [], trigger: 'audit' },
      { containerGroup: web.key, trigger: 'audit' },
    ],
  ] as const)('%j is the message %j', (requested, message) => {
    const text = encodeRequeueMessage({ group: web, recordSets: [], ...requested });
    expect(JSON.parse(text)).toEqual(message);
    expect(parseRequeueMessage(text)).toMatchObject({ group: { key: web.key }, ...requested });
  });

  it('names 16 addresses at most', () => {
    const message: unknown = JSON.parse(
      encodeRequeueMessage({ group: web, addresses: many, trigger: 'event', recordSets: [] }),
    );
    expect(message).toEqual({ containerGroup: web.key, addresses: many.slice(0, 16) });
  });

  it('tells of the failures on it', () => {
    const failures = { count: 3, firstAt: ago(hourMs) };
    const text = encodeRequeueMessage({
      group: web,
      addresses: [],
      recordSets: [],
      trigger: 'event',
      failures,
    });
    expect(JSON.parse(text)).toEqual({
      containerGroup: web.key,
      failures: 3,
      firstFailedAt: '2026-11-21T11:00:00.000Z',
    });
    expect(parseRequeueMessage(text)?.failures).toEqual(failures);
  });

  it.each([
    { failures: 3 },
    { firstFailedAt: '2026-11-21T11:00:00.000Z' },
    { failures: 0, firstFailedAt: '2026-11-21T11:00:00.000Z' },
    { failures: 1.5, firstFailedAt: '2026-11-21T11:00:00.000Z' },
    { failures: '3', firstFailedAt: '2026-11-21T11:00:00.000Z' },
    { failures: 3, firstFailedAt: 'yesterday' },
    { failures: 3, firstFailedAt: null },
  ])('without both of what tells of failures has none: %j', (fields) => {
    expect(parseRequeueMessage({ containerGroup: web.key, ...fields })).toMatchObject({
      group: { key: web.key },
      failures: undefined,
    });
  });

  it.each([{ trigger: 'me' }, { trigger: 7 }, { note: 'by hand' }])(
    'is good with %j, which says nothing',
    (fields) => {
      expect(parseRequeueMessage({ containerGroup: web.key, ...fields })).toMatchObject({
        group: { key: web.key },
        trigger: 'event',
      });
    },
  );

  it('is read from base64 of JSON too, which older versions wrote', () => {
    const text = JSON.stringify({ containerGroup: web.key, addresses: ['10.1.0.4'] });
    expect(parseRequeueMessage(Buffer.from(text).toString('base64'))).toMatchObject({
      group: { key: web.key },
      addresses: ['10.1.0.4'],
    });
  });

  it('is read from an object too, which the host makes of JSON text', () => {
    expect(parseRequeueMessage({ containerGroup: web.key })).toMatchObject({
      group: { key: web.key },
      addresses: [],
    });
  });

  it.each([
    '',
    'nonsense',
    '{}',
    '[]',
    JSON.stringify({ containerGroup: 7 }),
    JSON.stringify({ containerGroup: '/subscriptions/x' }),
    undefined,
    7,
    'bm9uc2Vuc2U=',
    'null',
    '7777',
  ])('is none when the message is %j', (message) => {
    expect(parseRequeueMessage(message)).toBeUndefined();
  });

  it.each([7, 'all', { a: 1 }, [7, null, 'x', '10.1.0.4.5']])(
    'has no hints when its addresses are %j',
    (addresses) => {
      expect(parseRequeueMessage({ containerGroup: web.key, addresses })?.addresses).toEqual([]);
    },
  );
});

describe('a failure', () => {
  it('is counted from the first', () => {
    const first = withFailure(undefined, now);
    expect(first).toEqual({ count: 1, firstAt: now });
    const later = new Date(now.getTime() + minuteMs);
    expect(withFailure(first, later)).toEqual({ count: 2, firstAt: now });
  });

  it('that lies ahead is taken for now, so that nobody keeps a message for ever', () => {
    const ahead = { count: 7, firstAt: new Date('9999-01-01T00:00:00Z') };
    expect(withFailure(ahead, now)).toEqual({ count: 8, firstAt: now });
  });

  it.each<
    [count: number, sinceFirstMs: number, retryAfterMs: number, random: number, pauseMs: number | undefined]
  >([
    [1, 0, 0, 0, 10_000],
    [2, 10_000, 0, 0, 30_000],
    [3, 40_000, 0, 0, minuteMs],
    [4, 2 * minuteMs, 0, 0, 5 * minuteMs],
    [5, 7 * minuteMs, 0, 0, 10 * minuteMs],
    [6, 17 * minuteMs, 0, 0, 30 * minuteMs],
    [7, 47 * minuteMs, 0, 0, hourMs],
    [8, 2 * hourMs, 0, 0, 3 * hourMs],
    [9, 5 * hourMs, 0, 0, 6 * hourMs],
    [10, 11 * hourMs, 0, 0, 12 * hourMs],
    [11, 23 * hourMs, 0, 0, 12 * hourMs],
    [Number.MAX_SAFE_INTEGER, 23 * hourMs, 0, 0, 12 * hourMs],
    [1, 0, 0, 0.5, 11_000],
    [10, 11 * hourMs, 0, 0.5, 13.2 * hourMs],
    [1, 0, 9_000, 0, 10_000],
    [1, 0, 120_000, 0, 120_000],
    [1, 0, 120_000, 0.5, 132_000],
    [2, 24 * hourMs - 1, 0, 0, 30_000],
    [2, 24 * hourMs, 0, 0, undefined],
    [2, 24 * hourMs, 120_000, 0, undefined],
  ])(
    'number %d, %d ms after the first, told to wait %d ms, by lot %d: waits %s ms',
    (...[count, sinceFirstMs, retryAfterMs, random, pauseMs]) => {
      expect(pauseAfterFailure({ count, firstAt: ago(sinceFirstMs) }, retryAfterMs, now, random)).toBe(
        pauseMs,
      );
    },
  );
});

describe('what is checked again', () => {
  const api = groupId('api');
  const secondMs = 1_000;
  const slotOf = (observed: ObservedRecordSet) => ({ key: observed.key, observed });
  const delete_ = (from: ObservedRecordSet): Change => ({ action: 'delete', from });
  const update = (from: ObservedRecordSet): Change => ({ action: 'update', from, to: from });
  const young = ownA(web, '10.1.0.4', { age: secondMs });
  const old = ownA(web, '10.1.0.4', { age: hourMs });
  const elsewhere = (age: number) => ({
    ...ownA(web, '10.1.0.4', { age }),
    key: { ...aKey(web), name: 'elsewhere' },
  });
  const itself = (...recordSets: readonly ObservedRecordSet[]) => ({
    group: web,
    addresses: ['10.1.0.9'],
    recordSets: recordSets.map(({ key }) => key),
  });
  const owner = (...addresses: readonly string[]) => ({ group: api, addresses, recordSets: [] });
  const input = (overrides: Partial<PlanInput>) => ({
    a: slotOf(young),
    misplaced: [],
    address: undefined,
    now,
    ...overrides,
  });

  it.each<[string, Partial<PlanInput>, readonly Change[], readonly object[]]>([
    ['the group, when a young A is removed', {}, [delete_(young)], [itself()]],
    ['nobody, when an old A is removed', { a: slotOf(old) }, [delete_(old)], []],
    ['nobody, when the A of another group stays', { a: slotOf(ownA(api, '10.1.0.4', { age: 1 })) }, [], []],
    ['nobody, when A is absent', { a: { key: aKey(web), observed: undefined } }, [delete_(old)], []],
    ['nobody, when nothing is removed', {}, [], []],
    ['nobody, when a young A is moved', { address: '10.1.0.5' }, [update(young)], []],
    [
      'the group, when a young A is removed from another place',
      { a: slotOf(old), address: '10.1.0.4', misplaced: [slotOf(elsewhere(secondMs))] },
      [delete_(elsewhere(secondMs))],
      [itself(elsewhere(secondMs))],
    ],
    [
      'nobody, when an old one is',
      { a: slotOf(old), misplaced: [slotOf(elsewhere(hourMs))] },
      [delete_(elsewhere(hourMs))],
      [],
    ],
    [
      'nobody, when a PTR is removed from another place, since only A has a stamp',
      { a: slotOf(old), misplaced: [slotOf(ownPtr(web, '10.1.0.4'))] },
      [delete_(ownPtr(web, '10.1.0.4'))],
      [],
    ],
    [
      'the group that an A is taken from, at all its addresses, each once',
      { address: '10.1.0.4' },
      [
        update(ownA(api, '10.1.0.6', { previous: `10.1.0.7@${now.toISOString()}` })),
        delete_(ownPtr(api, '10.1.0.6')),
      ],
      [owner('10.1.0.6', '10.1.0.7')],
    ],
    [
      'the group that the PTR of a network is taken from, at no address',
      { address: '10.1.0.4' },
      [update({ ...ownPtr(api, '10.1.0.6'), key: { ...ownPtr(api, '10.1.0.6').key, name: '@' } })],
      [owner()],
    ],
    [
      'nobody for what is created',
      { address: '10.1.0.4' },
      [{ action: 'create', key: aKey(web), to: old }],
      [],
    ],
  ])('%s', (_, overrides, changes, rechecks) => {
    expect(rechecksFor(web, input(overrides), changes, ['10.1.0.9'])).toEqual(rechecks);
  });
});

describe('hints', () => {
  it.each<[unknown, string[]]>([
    [undefined, []],
    ['10.1.0.4', []],
    [{ 0: '10.1.0.4', length: 1 }, []],
    [['10.1.0.4', '10.1.0.4'], ['10.1.0.4']],
    [['10.1.0.4', 'fd00::1', '10.1.0', '', '10.1.0.4/32', ' 10.1.0.4', 167837700], ['10.1.0.4']],
    [many, many.slice(0, 16)],
    [['x', ...many], many.slice(0, 16)],
  ])('of %j are %j', (values, hints) => {
    expect(parseHints(values)).toEqual(hints);
  });
});
