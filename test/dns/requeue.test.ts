import { describe, expect, it } from 'vitest';
import { encodeRequeueMessage, parseRequeueMessage } from '../../src/dns/requeue.ts';
import { parseHints } from '../../src/dns/signals.ts';
import { groupId } from './fixtures.ts';

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
    'null',
    JSON.stringify({ containerGroup: 7 }),
    JSON.stringify({ containerGroup: '/subscriptions/x' }),
    undefined,
    7,
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
