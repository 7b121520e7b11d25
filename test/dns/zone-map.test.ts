import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseZoneMap, policyFor, reverseRecordOf } from '../../src/dns/zone-map.ts';
import { SettingError, settingValue } from '../../src/settings/setting.ts';
import { messageOf } from '../support/bad-setting.ts';
import { bytesOf } from './arbitraries.ts';
import { subscriptionId, zoneMapOf } from './fixtures.ts';

const other = '99999999-2222-3333-4444-555555555555';
const place = { subscriptionId, resourceGroup: 'rg-spoke-a' };

describe('a zone map', () => {
  it.each([undefined, '', '  ', '{}'])('of %j is empty', (json) => {
    const map = settingValue(parseZoneMap(json));
    expect(map.places).toEqual([]);
    expect(map.spokeOf(place)).toBeUndefined();
  });

  it("takes the container group's subscription and resource group, 60 seconds and no reverse zones by default", () => {
    expect(zoneMapOf({ 'rg-spoke-a': { forwardZone: 'spoke-a.contoso.com' } }).spokeOf(place)).toEqual({
      key: 'rg-spoke-a',
      forwardZone: { ...place, name: 'spoke-a.contoso.com' },
      reverseZones: [],
      ttlSeconds: 60,
    });
  });

  it('takes the zones from where it says, the longest reverse zone first', () => {
    const map = zoneMapOf({
      'rg-spoke-a': {
        forwardZone: 'spoke-a.contoso.com',
        reverseZones: ['10.in-addr.arpa', '0.1.10.in-addr.arpa', '1.10.in-addr.arpa'],
        zoneSubscriptionId: other,
        zoneResourceGroup: 'rg-hub-dns',
        ttl: 5,
      },
    });
    const zone = (name: string) => ({ subscriptionId: other, resourceGroup: 'rg-hub-dns', name });
    expect(map.spokeOf(place)).toEqual({
      key: 'rg-spoke-a',
      forwardZone: zone('spoke-a.contoso.com'),
      reverseZones: ['0.1.10.in-addr.arpa', '1.10.in-addr.arpa', '10.in-addr.arpa'].map(zone),
      ttlSeconds: 5,
    });
  });

  it('prefers a key with the subscription to one without', () => {
    const map = zoneMapOf({
      'rg-spoke-a': { forwardZone: 'any.contoso.com' },
      [`${subscriptionId}/rg-spoke-a`]: { forwardZone: 'this.contoso.com' },
    });
    expect(map.spokeOf(place)?.forwardZone.name).toBe('this.contoso.com');
    expect(map.spokeOf({ ...place, subscriptionId: other })?.forwardZone.name).toBe('any.contoso.com');
    expect(map.places).toEqual([
      { key: 'rg-spoke-a', subscriptionId: undefined, resourceGroup: 'rg-spoke-a' },
      { key: `${subscriptionId}/rg-spoke-a`, subscriptionId, resourceGroup: 'rg-spoke-a' },
    ]);
  });

  it('finds a key in whatever casing, and keeps it as it was written', () => {
    const map = zoneMapOf({ [`${'ABCDEF'}/RG-Spoke-A`]: { forwardZone: 'Spoke-A.Contoso.COM.' } });
    const spoke = map.spokeOf({ subscriptionId: 'abcDEF', resourceGroup: 'rg-SPOKE-a' });
    expect(spoke?.key).toBe('ABCDEF/RG-Spoke-A');
    expect(spoke?.forwardZone.name).toBe('spoke-a.contoso.com');
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'has no spoke for a resource group called %s',
    (resourceGroup) => {
      expect(
        zoneMapOf({ other: { forwardZone: 'a.b' } }).spokeOf({ ...place, resourceGroup }),
      ).toBeUndefined();
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['an array', [], /^DNS_ZONE_MAP: expected an object, found an array$/],
    ['null', null, /^DNS_ZONE_MAP: expected an object, found null$/],
    ['a number', 7, /^DNS_ZONE_MAP: expected an object, found 7$/],
  ])('may not be %s', (_, value, message) => {
    expect(messageOf(parseZoneMap(JSON.stringify(value)))).toMatch(message);
  });

  it.each([
    'dev_a.internal.contoso.com',
    '_spoke.contoso.com',
    'spoke_.contoso.com',
    '_.contoso.com',
    'a-_-b.contoso.com',
  ])('may lead to a zone with underscores in its name: %s', (forwardZone) => {
    expect(zoneMapOf({ 'rg-spoke-a': { forwardZone } }).spokeOf(place)?.forwardZone.name).toBe(forwardZone);
  });
});

describe('a bad entry', () => {
  const withEntry = (entry: object) => ({ 'rg-spoke-a': { forwardZone: 'a.contoso.com', ...entry } });
  it.each<[string, unknown, RegExp]>([
    [
      'an entry that is text',
      { rg: 'a.contoso.com' },
      /^DNS_ZONE_MAP\.rg: expected Object, found "a.contoso.com"$/,
    ],
    [
      'no forward zone',
      { 'rg-x': {} },
      /^DNS_ZONE_MAP\["rg-x"\]\.forwardZone: expected a value, found nothing$/,
    ],
    [
      'a forward zone of one label',
      withEntry({ forwardZone: 'corp' }),
      /\["rg-spoke-a"\]\.forwardZone: found "corp", expected the name of a private DNS zone/,
    ],
    [
      'a forward zone of more labels than Azure allows',
      withEntry({ forwardZone: Array(35).fill('z').join('.') }),
      /\["rg-spoke-a"\]\.forwardZone: found "z\.z.*", expected .*2 to 34 labels/,
    ],
    [
      'a forward zone longer than a name',
      withEntry({ forwardZone: Array(5).fill('z'.repeat(50)).join('.') }),
      /\["rg-spoke-a"\]\.forwardZone: found "zz.*", expected .*253 characters/,
    ],
    [
      'a forward zone with a space',
      withEntry({ forwardZone: 'a b.com' }),
      /\.forwardZone: found "a b.com", expected/,
    ],
    [
      'a forward zone whose label ends with a hyphen',
      withEntry({ forwardZone: 'a-.contoso.com' }),
      /\.forwardZone: found "a-.contoso.com", expected/,
    ],
    [
      'a forward zone that is a number',
      withEntry({ forwardZone: 7 }),
      /\.forwardZone: expected string, found 7/,
    ],
    [
      'reverse zones that are text',
      withEntry({ reverseZones: '10.in-addr.arpa' }),
      /\.reverseZones: expected Array, found "10\.in-addr\.arpa"/,
    ],
    [
      'a reverse zone that is none',
      withEntry({ reverseZones: ['10.in-addr.arpa', '10.1'] }),
      /\.reverseZones\[1\]: found "10.1", expected whole octets/,
    ],
    [
      'a classless reverse zone',
      withEntry({ reverseZones: ['128-26.2.0.192.in-addr.arpa'] }),
      /\.reverseZones\[0\]: found "128-26.*RFC 2317/,
    ],
    ['a TTL of 0', withEntry({ ttl: 0 }), /\.ttl: found 0, expected whole seconds from 1 to 2147483647/],
    ['a TTL above the limit', withEntry({ ttl: 2 ** 31 }), /\.ttl: found 2147483648, expected whole seconds/],
    ['a TTL that is no whole number', withEntry({ ttl: 1.5 }), /\.ttl: found 1.5, expected whole seconds/],
    ['a TTL that is text', withEntry({ ttl: '60' }), /\.ttl: expected number, found "60"/],
    [
      'a subscription with a slash',
      withEntry({ zoneSubscriptionId: 'a/b' }),
      /\.zoneSubscriptionId: found "a\/b", expected a name/,
    ],
    [
      'an empty zone resource group',
      withEntry({ zoneResourceGroup: '' }),
      /\.zoneResourceGroup: found "", expected a name/,
    ],
    [
      'an unknown key',
      withEntry({ reverseZone: [] }),
      /\["rg-spoke-a"\]\.reverseZone: found an unknown key, expected a known one/,
    ],
    [
      'a key with two slashes',
      { 'a/b/c': { forwardZone: 'a.b' } },
      /"a\/b\/c".*expected a resource group, or subscriptionId\/resourceGroup/,
    ],
    [
      'one key in two casings',
      { RG: { forwardZone: 'a.b' }, rg: { forwardZone: 'a.b' } },
      /\["rg"\]: found the same key as "RG"/,
    ],
  ])('with %s is named, with where, what and why', (_, value, message) => {
    const { problems, places } = settingValue(parseZoneMap(JSON.stringify(value)));
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(places).toEqual([]);
  });

  it('names every problem of its own, not just the first', () => {
    const { problems } = zoneMapOf(withEntry({ ttl: 0, zoneResourceGroup: 'a/b' }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/ttl/);
    expect(problems[0]).toMatch(/zoneResourceGroup/);
  });

  const twoBadOneGood = {
    'rg-spoke-a': { forwardZone: 'a.contoso.com', ttl: 'soon' },
    'rg-spoke-b': { forwardZone: 'b.contoso.com' },
    'rg-spoke-c': {},
  };

  it("stands in no other entry's way", () => {
    const map = zoneMapOf(twoBadOneGood);
    expect(map.spokeOf({ ...place, resourceGroup: 'rg-spoke-b' })?.forwardZone.name).toBe('b.contoso.com');
    expect(map.places.map(({ key }) => key)).toEqual(['rg-spoke-b']);
    expect(map.problems).toEqual([
      'DNS_ZONE_MAP["rg-spoke-a"].ttl: expected number, found "soon"',
      'DNS_ZONE_MAP["rg-spoke-c"].forwardZone: expected a value, found nothing',
    ]);
  });

  it('is thrown to whoever asks for its spoke', () => {
    const map = zoneMapOf(twoBadOneGood);
    expect(() => map.spokeOf(place)).toThrowError(SettingError);
    expect(() => map.spokeOf({ ...place, resourceGroup: 'RG-SPOKE-A' })).toThrowError(map.problems[0]);
    const groups = ['rg-spoke-A', 'rg-spoke-b', 'rg-spoke-c', 'rg-other'];
    const isBad = groups.map((resourceGroup) => map.hasBadEntry({ ...place, resourceGroup }));
    expect(isBad).toEqual([true, false, true, false]);
  });

  it('with the subscription in its key is not replaced by one without', () => {
    const map = zoneMapOf({
      'rg-spoke-a': { forwardZone: 'any.contoso.com' },
      [`${subscriptionId}/rg-spoke-a`]: { forwardZone: 'this' },
    });
    expect(() => map.spokeOf(place)).toThrowError(/rg-spoke-a"\]\.forwardZone: found "this"/);
    expect(map.spokeOf({ ...place, subscriptionId: other })?.forwardZone.name).toBe('any.contoso.com');
  });
});

describe('a key that stands twice', () => {
  const entry = (zone: string) => JSON.stringify({ forwardZone: zone });
  it.each<[string, string, string]>([
    [
      'with two entries',
      `{"rg-spoke-a":${entry('a.b')},"rg-spoke-b":${entry('b.b')},"rg-spoke-a":${entry('c.b')}}`,
      'DNS_ZONE_MAP["rg-spoke-a"]: found the key more than once, expected each resource group once (casing does not count)',
    ],
    [
      'with the same entry',
      `{"rg-spoke-a":${entry('a.b')},"rg-spoke-b":${entry('b.b')},"rg-spoke-a":${entry('a.b')}}`,
      'DNS_ZONE_MAP["rg-spoke-a"]: found the key more than once, expected each resource group once (casing does not count)',
    ],
    [
      'with an escape in one of the two',
      `{"rg-spoke-a":${entry('a.b')},"rg-spoke-b":${entry('b.b')},"rg-spoke-\\u0061":${entry('a.b')}}`,
      'DNS_ZONE_MAP["rg-spoke-a"]: found the key more than once, expected each resource group once (casing does not count)',
    ],
    [
      'in another casing',
      `{"RG-Spoke-A":${entry('a.b')},"rg-spoke-b":${entry('b.b')},"rg-spoke-a":${entry('a.b')}}`,
      'DNS_ZONE_MAP["rg-spoke-a"]: found the same key as "RG-Spoke-A", expected each resource group once (casing does not count)',
    ],
    [
      'inside an entry',
      `{"rg-spoke-a":{"ttl":30,"forwardZone":"a.b","ttl":30},"rg-spoke-b":${entry('b.b')}}`,
      'DNS_ZONE_MAP["rg-spoke-a"].ttl: found the key more than once, expected it once',
    ],
  ])('%s makes a bad entry that hides no other', (_, json, problem) => {
    const map = settingValue(parseZoneMap(json));
    expect(map.problems).toEqual([problem]);
    expect(() => map.spokeOf(place)).toThrowError(problem);
    expect(() => map.spokeOf({ ...place, resourceGroup: 'RG-Spoke-A' })).toThrowError(problem);
    expect(map.spokeOf({ ...place, resourceGroup: 'rg-spoke-b' })?.forwardZone.name).toBe('b.b');
    expect(map.places.map(({ key }) => key)).toEqual(['rg-spoke-b']);
  });
});

describe('reverseRecordOf', () => {
  it('takes the longest zone that covers the address, as trying them all does', () => {
    const anOctet = fc.integer({ min: 0, max: 2 });
    const aNetwork = fc.array(anOctet, { minLength: 1, maxLength: 4 });
    const anAddress = fc.tuple(anOctet, anOctet, anOctet, anOctet).map((octets) => octets.join('.'));
    fc.assert(
      fc.property(
        fc.uniqueArray(aNetwork, { selector: String, maxLength: 6 }),
        anAddress,
        (networks, address) => {
          const reverseZones = networks.map((network) => `${network.toReversed().join('.')}.in-addr.arpa`);
          const spoke = zoneMapOf({ 'rg-spoke-a': { forwardZone: 'a.b', reverseZones } }).spokeOf(place);
          if (spoke === undefined) throw new Error('no spoke');
          const octets = bytesOf(address);
          const covering = networks.filter((network) => network.every((octet, at) => octets[at] === octet));
          const longest = Math.max(-1, ...covering.map((network) => network.length));
          const found = reverseRecordOf(spoke, address);
          if (longest < 0) {
            expect(found).toBeUndefined();
            return;
          }
          expect(found?.zone.name).toBe(`${octets.slice(0, longest).toReversed().join('.')}.in-addr.arpa`);
          expect(found?.name).toBe(octets.slice(longest).toReversed().join('.') || '@');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the policy of a container group', () => {
  it.each([
    ['that of its entry', { policy: 'observe' }, 'observe'],
    ['the setting, where its entry has none', {}, 'upsert-only'],
    ['the setting, where its entry is wrong', { policy: 'observe', ttl: 0 }, 'upsert-only'],
  ])('is %s', (_, entry, policy) => {
    const zones = zoneMapOf({ 'rg-spoke-a': { forwardZone: 'a.contoso.com', ...entry } });
    expect(policyFor(zones, place, 'upsert-only')).toBe(policy);
    expect(policyFor(zones, { ...place, resourceGroup: 'rg-x' }, 'upsert-only')).toBe('upsert-only');
  });
});

it.each([1, 2_147_483_647])('a TTL of %d is taken as it is', (ttl) => {
  const zones = zoneMapOf({ 'rg-spoke-a': { forwardZone: 'a.contoso.com', ttl } });
  expect(zones.spokeOf(place)?.ttlSeconds).toBe(ttl);
});
