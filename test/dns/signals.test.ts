import { describe, expect, it } from 'vitest';
import type { BlockedRecordSet } from '../../src/dns/plan.ts';
import { recordSetId } from '../../src/dns/record-set.ts';
import { conflictSignal, maxHints, parseHints, parseRecordSetHints } from '../../src/dns/signals.ts';
import { aKey, groupId, ownA, ptrKey, recordSet } from './fixtures.ts';

const web = groupId('web');
const here = '10.1.0.4';

describe('the signal of a conflict', () => {
  const foreign = recordSet(aKey(web), [here]);
  const ofApi = { ...ownA(groupId('api'), here), key: aKey(web) };
  const idOf = (reason: BlockedRecordSet['reason'], set = foreign, contender = web) =>
    conflictSignal(contender, { reason, recordSet: set }).id;

  it('names the owner, where that is another group', () => {
    expect(conflictSignal(web, { reason: 'claimed', recordSet: ofApi }).data).toMatchObject({
      ...{ owner: groupId('api').key, contender: web.key, values: [here] },
    });
    expect(conflictSignal(web, { reason: 'foreign', recordSet: foreign }).data['owner']).toBeNull();
  });

  it('has one id as long as the conflict is the same, and another one for each other', () => {
    expect(idOf('foreign', { ...foreign, values: ['10.1.0.9'] })).toBe(idOf('foreign'));
    const ids = [
      idOf('foreign'),
      idOf('platform'),
      idOf('claimed', ofApi),
      idOf('foreign', { ...foreign, etag: 'etag-1' }),
      idOf('foreign', { ...foreign, key: ptrKey(here) }),
      idOf('foreign', foreign, groupId('other')),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('what an event names', () => {
  const addresses = Array.from({ length: 20 }, (_, index) => `10.1.0.${index}`);
  const ids = addresses.map((address) => recordSetId(ptrKey(address)));

  it('is at most sixteen addresses, each once, of what may be anything', () => {
    expect(parseHints(addresses)).toEqual(addresses.slice(0, maxHints));
    expect(parseHints([here, here, 7, 'x', null])).toEqual([here]);
    expect(parseHints(here)).toEqual([]);
  });

  it('is at most sixteen record sets, each once, of what may be anything', () => {
    expect(parseRecordSetHints(ids).map(recordSetId)).toEqual(ids.slice(0, maxHints));
    expect(parseRecordSetHints([ids[0], ids[0], 7, 'x', null]).map(recordSetId)).toEqual(ids.slice(0, 1));
    expect(parseRecordSetHints(ids[0])).toEqual([]);
  });
});
