import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ownedAMetadata,
  ownedPtrMetadata,
  ownershipOf,
  stampOf,
  withoutOwnership,
} from '../../src/dns/ownership.ts';
import { nextPreviousAddresses, previousAddresses } from '../../src/dns/previous-addresses.ts';
import { ago, aKey, groupId, hourMs, minuteMs, now, ownA, recordSet } from './fixtures.ts';

const web = groupId('web');
const api = groupId('api');
const at = (address: string, ms: number) => ({ address, leftAt: ago(ms) });

describe('the owner of a record set', () => {
  const withMark = (metadata: Record<string, string>, isAutoRegistered = false) =>
    recordSet(aKey(web), ['10.1.0.4'], { metadata, isAutoRegistered });

  it.each([
    ['ours when the mark is ours', { evenkeelOwner: web.key }, 'ours'],
    ['ours in whatever casing of the id', { evenkeelOwner: web.key.toUpperCase() }, 'ours'],
    ['ours in whatever casing of the key', { EVENKEELOWNER: web.key }, 'ours'],
    ["another's when the mark is another's", { evenkeelOwner: api.key }, 'other'],
    ['nobody we know without a mark', { team: 'payments' }, 'foreign'],
    ['nobody we know when the mark is empty', { evenkeelOwner: '' }, 'foreign'],
    ["nobody we know when the mark is no group's id", { evenkeelOwner: '/subscriptions/x' }, 'foreign'],
  ])('is %s', (_, metadata, kind) => {
    expect(ownershipOf(withMark(metadata), web.key).kind).toBe(kind);
  });

  it.each([{}, { evenkeelOwner: web.key }, { evenkeelOwner: api.key }])(
    'is the platform when it registered the set, with the mark %j',
    (metadata) => {
      expect(ownershipOf(withMark(metadata, true), web.key)).toEqual({ kind: 'platform' });
    },
  );

  it('is named where it is another group', () => {
    expect(ownershipOf(withMark({ evenkeelOwner: api.key }), web.key)).toMatchObject({
      owner: { key: api.key, name: 'api' },
    });
  });
});

describe('the memory of an A record set', () => {
  const read = (evenkeelPrevious: string) =>
    previousAddresses({ evenkeelPrevious }, now).map(({ address }) => address);
  const iso = (ms: number) => ago(ms).toISOString();

  it('is read oldest first', () => {
    expect(read(`10.1.0.4@${iso(hourMs)},10.1.0.5@${iso(minuteMs)}`)).toEqual(['10.1.0.4', '10.1.0.5']);
  });

  it('lasts 24 hours', () => {
    expect(read(`10.1.0.4@${iso(24 * hourMs)}`)).toEqual(['10.1.0.4']);
    expect(read(`10.1.0.4@${iso(24 * hourMs + 1)}`)).toEqual([]);
  });

  it.each([
    ['', []],
    [',,', []],
    ['10.1.0.4', []],
    ['10.1.0.4@', []],
    ['10.1.0.4@yesterday', []],
    [`@${ago(0).toISOString()}`, []],
    [`10.1.0.400@${ago(0).toISOString()}`, []],
    [`nonsense, 10.1.0.5@${ago(0).toISOString()}`, ['10.1.0.5']],
  ])('skips what it cannot read in "%s"', (text, addresses) => {
    expect(read(text)).toEqual(addresses);
  });

  it('is empty without the metadata, and found in whatever casing of its key', () => {
    expect(previousAddresses({}, now)).toEqual([]);
    expect(previousAddresses({ evenkeelprevious: `10.1.0.4@${iso(0)}` }, now)).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof nextPreviousAddresses>, ReturnType<typeof nextPreviousAddresses>]>([
    ['forgets the address that A will point at', [[at('10.1.0.4', 5)], [], '10.1.0.4', now], []],
    ['forgets it also when it is left by this write', [[], ['10.1.0.4'], '10.1.0.4', now], []],
    ['remembers what this write leaves, from now', [[], ['10.1.0.4'], '10.1.0.5', now], [at('10.1.0.4', 0)]],
    ['keeps the time of what it knew', [[at('10.1.0.4', 5)], [], '10.1.0.5', now], [at('10.1.0.4', 5)]],
    [
      'renews the time of what is left again',
      [[at('10.1.0.4', 5)], ['10.1.0.4'], '10.1.0.5', now],
      [at('10.1.0.4', 0)],
    ],
    [
      'keeps the later of two times',
      [[at('10.1.0.4', 5), at('10.1.0.4', 9)], [], '10.1.0.5', now],
      [at('10.1.0.4', 5)],
    ],
  ])('%s', (_, input, remembered) => {
    expect(nextPreviousAddresses(...input)).toEqual(remembered);
  });

  it('holds 8 addresses, and the oldest leave first', () => {
    const known = Array.from({ length: 8 }, (_, index) => at(`10.1.0.${index}`, (index + 1) * minuteMs));
    const remembered = nextPreviousAddresses(known, ['10.1.0.100'], '10.1.0.200', now);
    expect(remembered.map(({ address }) => address)).toEqual([
      '10.1.0.6',
      '10.1.0.5',
      '10.1.0.4',
      '10.1.0.3',
      '10.1.0.2',
      '10.1.0.1',
      '10.1.0.0',
      '10.1.0.100',
    ]);
  });

  it('does not depend on the order in which it was told', () => {
    const anEntry = fc.record({
      host: fc.integer({ min: 0, max: 12 }),
      minutes: fc.integer({ min: 0, max: 5 }),
    });
    const someEntries = fc.array(anEntry, { maxLength: 12 });
    const shuffled = someEntries.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.uniqueArray(fc.integer({ min: 0, max: 12 })), ([entries, others], leaving) => {
        const known = (list: typeof entries) =>
          list.map(({ host, minutes }) => at(`10.1.0.${host}`, minutes * minuteMs));
        const addresses = leaving.map((host) => `10.1.0.${host}`);
        const remembered = nextPreviousAddresses(known(entries), addresses, '10.1.0.0', now);
        expect(nextPreviousAddresses(known(others), addresses.toReversed(), '10.1.0.0', now)).toEqual(
          remembered,
        );
        expect(remembered.length).toBeLessThanOrEqual(8);
        expect(remembered.map(({ address }) => address)).not.toContain('10.1.0.0');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a mark', () => {
  const theirs = { team: 'payments', EvenkeelOwner: api.key, evenkeelprevious: 'x', EVENKEELSTAMP: 'y' };

  it('of an A record set has the owner, the memory and the stamp, and keeps what others wrote', () => {
    expect(ownedAMetadata(theirs, web.key, [at('10.1.0.4', hourMs), at('10.1.0.5', minuteMs)], now)).toEqual({
      team: 'payments',
      evenkeelOwner: web.key,
      evenkeelPrevious: '10.1.0.4@2026-11-21T11:00:00.000Z,10.1.0.5@2026-11-21T11:59:00.000Z',
      evenkeelStamp: '2026-11-21T12:00:00.000Z',
    });
  });

  it('of an A record set without memory has no entry for it', () => {
    expect(ownedAMetadata({}, web.key, [], now)).toEqual({
      evenkeelOwner: web.key,
      evenkeelStamp: now.toISOString(),
    });
  });

  it('of a PTR record set has the owner only', () => {
    expect(ownedPtrMetadata(theirs, web.key)).toEqual({ team: 'payments', evenkeelOwner: web.key });
  });

  it('is taken away in whatever casing', () => {
    expect(withoutOwnership(theirs)).toEqual({ team: 'payments' });
  });

  it('is read back as it was written', () => {
    const previous = [at('10.1.0.4', hourMs), at('10.1.0.5', minuteMs)];
    const metadata = ownedAMetadata({}, web.key, previous, now);
    expect(previousAddresses(metadata, now)).toEqual(previous);
    expect(stampOf(metadata)).toEqual(now);
  });
});

describe('the stamp', () => {
  it.each([{}, { evenkeelStamp: '' }, { evenkeelStamp: 'yesterday' }])('is unknown with %j', (metadata) => {
    expect(stampOf(metadata)).toBeUndefined();
  });
  it('is the time of the last write', () => {
    expect(stampOf(ownA(web, '10.1.0.4', { age: hourMs }).metadata)).toEqual(ago(hourMs));
  });
});
