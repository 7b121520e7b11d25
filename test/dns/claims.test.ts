import { describe, expect, it } from 'vitest';
import { hasClaim } from '../../src/dns/claims.ts';
import type { LiveGroup } from '../../src/dns/container-group.ts';
import { aKey, groupId, ptrKey, zoneMapOf, zones } from './fixtures.ts';

const owner = groupId('web');
const contender = groupId('api');
const here = '10.1.0.4';
const running = (address = here): LiveGroup => ({ kind: 'addressed', address, isRunning: true });
const stopped = (address = here): LiveGroup => ({ kind: 'addressed', address, isRunning: false });
const gone: LiveGroup = { kind: 'unaddressed', reason: 'gone' };

describe('the claim of an owner to a PTR record set', () => {
  it.each<[string, LiveGroup, LiveGroup, boolean]>([
    ['an owner that is gone has none', gone, running(), false],
    ['an owner that shows no address has none', { kind: 'unaddressed', reason: 'stopped' }, stopped(), false],
    ['an owner whose state is unknown has none here', { kind: 'unknown', detail: '' }, running(), false],
    ['an owner on another address has none', running('10.1.0.5'), running(), false],
    ['a stopped owner yields to a running contender', stopped(), running(), false],
    ['a stopped owner keeps it from a stopped contender', stopped(), stopped(), true],
    ['a stopped owner keeps it from a contender without an address', stopped(), gone, true],
    ['a running owner keeps it from a running contender', running(), running(), true],
    ['a running owner keeps it from a stopped contender', running(), stopped(), true],
  ])('%s', (_, live, theirs, claim) => {
    const parties = [
      { id: owner, live },
      { id: contender, live: theirs },
    ] as const;
    expect(hasClaim(...parties, ptrKey(here), zones)).toBe(claim);
  });
});

describe('the claim of an owner whose entry of the zone map is bad', () => {
  const bad = zoneMapOf({ 'rg-spoke-a': {} });
  const claims = (live: LiveGroup) =>
    hasClaim({ id: owner, live }, { id: contender, live: running() }, ptrKey(here), bad);

  it('is not known while it shows an address', () => {
    expect(() => claims(running())).toThrowError(/^DNS_ZONE_MAP\["rg-spoke-a"\]\.forwardZone: /);
  });
  it('is none when it is gone', () => {
    expect(claims(gone)).toBe(false);
  });
});

describe('the claim of an owner to an A record set', () => {
  const theirs = { id: contender, live: running('10.1.0.9') };
  const claims = (id: typeof owner, set = aKey(owner)) =>
    hasClaim({ id, live: running() }, theirs, set, zones);

  it('stands where the zone map puts its name', () => {
    expect(claims(owner)).toBe(true);
    expect(claims(groupId('WEB', 'RG-SPOKE-A'))).toBe(true);
  });
  it('falls where the zone map puts its name elsewhere', () => {
    expect(claims(contender)).toBe(false);
    expect(claims(groupId('web', 'rg-spoke-b'))).toBe(false);
  });
  it('falls where the zone map has no place for it', () => {
    expect(claims(groupId('web', 'rg-unmapped'))).toBe(false);
  });
  it('to a PTR falls where no reverse zone of its spoke covers its address', () => {
    expect(claims(groupId('web', 'rg-spoke-b'), ptrKey(here))).toBe(false);
  });
});
