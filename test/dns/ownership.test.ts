import { describe, expect, it } from 'vitest';
import { ownedAMetadata, ownedPtrMetadata, ownershipOf, withoutOwnership } from '../../src/dns/ownership.ts';
import { previousAddresses } from '../../src/dns/previous-addresses.ts';
import { stampOf } from '../../src/dns/stamp.ts';
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

describe('ownership metadata', () => {
  const theirs = { team: 'payments', EvenkeelOwner: api.key, evenkeelprevious: 'x', EVENKEELSTAMP: 'y' };

  it('of an A record set has the owner, the previous addresses and the stamp, and keeps what others wrote', () => {
    expect(ownedAMetadata(theirs, web.key, [at('10.1.0.4', hourMs), at('10.1.0.5', minuteMs)], now)).toEqual({
      team: 'payments',
      evenkeelOwner: web.key,
      evenkeelPrevious: '10.1.0.4@2026-11-21T11:00:00.000Z,10.1.0.5@2026-11-21T11:59:00.000Z',
      evenkeelStamp: '2026-11-21T12:00:00.000Z',
    });
  });

  it('of an A record set without previous addresses has no entry for them', () => {
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
