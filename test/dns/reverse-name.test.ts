import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, relativeReverseName, reverseName, reverseZoneProblem } from '../../src/dns/names.ts';
import { anIPv4, bytesOf } from './arbitraries.ts';

describe('reverseName', () => {
  it.each([
    ['10.0.0.4', '4.0.0.10.in-addr.arpa'],
    ['192.168.1.254', '254.1.168.192.in-addr.arpa'],
    ['0.0.0.0', '0.0.0.0.in-addr.arpa'],
    ['255.255.255.255', '255.255.255.255.in-addr.arpa'],
  ])('names %s as %s', (address, name) => {
    expect(reverseName(address)).toBe(name);
  });

  it('holds the octets of the address in little-endian order', () => {
    fc.assert(
      fc.property(anIPv4, (address) => {
        const littleEndian = Buffer.alloc(4);
        littleEndian.writeUInt32LE(Buffer.from(bytesOf(address)).readUInt32BE());
        expect(reverseName(address)).toBe(`${[...littleEndian].join('.')}.in-addr.arpa`);
      }),
      { numRuns: 200 },
    );
  });
});

describe('relativeReverseName', () => {
  it.each([
    ['10.1.0.4', '10.in-addr.arpa', '4.0.1'],
    ['10.1.0.4', '1.10.in-addr.arpa', '4.0'],
    ['10.1.0.4', '0.1.10.in-addr.arpa', '4'],
    ['10.1.0.4', '4.0.1.10.in-addr.arpa', '@'],
    ['10.1.0.4', 'in-addr.arpa', '4.0.1.10'],
    ['10.1.0.4', '2.10.in-addr.arpa', undefined],
    ['10.11.0.4', '1.10.in-addr.arpa', undefined],
    ['110.1.0.4', '10.in-addr.arpa', undefined],
    ['10.1.0.4', '5.4.0.1.10.in-addr.arpa', undefined],
  ])('of %s in %s is %s', (address, zone, name) => {
    expect(relativeReverseName(address, zone)).toBe(name);
  });

  it('covers an address exactly when the network has its leading octets', () => {
    const aNetwork = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
    const aNearAddress = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 3 })));
    fc.assert(
      fc.property(aNearAddress, aNetwork, (octets, network) => {
        const zone = [...network.toReversed(), 'in-addr.arpa'].join('.');
        const isCovered = network.every((octet, index) => octets[index] === octet);
        expect(relativeReverseName(octets.join('.'), zone) !== undefined).toBe(isCovered);
      }),
      { numRuns: 500 },
    );
  });
});

describe('addressOf', () => {
  it('is the inverse of reverseName', () => {
    fc.assert(
      fc.property(anIPv4, (address) => {
        expect(addressOf(reverseName(address))).toBe(address);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    '1.10.in-addr.arpa',
    '*.0.1.10.in-addr.arpa',
    '4.0.0.300.in-addr.arpa',
    'in-addr.arpa',
    '_x.4.0.1.10.in-addr.arpa',
  ])('finds no address in %s', (name) => {
    expect(addressOf(name)).toBeUndefined();
  });
});

describe('reverseZoneProblem', () => {
  it.each([
    'in-addr.arpa',
    '10.in-addr.arpa',
    '1.10.in-addr.arpa',
    '0.1.10.in-addr.arpa',
    '255.0.1.10.in-addr.arpa',
  ])('has none with %s', (zone) => {
    expect(reverseZoneProblem(zone)).toBeUndefined();
  });

  it.each(['128-26.2.0.192.in-addr.arpa', '128/26.2.0.192.in-addr.arpa', '0-24.1.10.in-addr.arpa'])(
    'names RFC 2317 for the classless %s',
    (zone) => {
      expect(reverseZoneProblem(zone)).toMatch(/RFC 2317/);
    },
  );

  it.each([
    '256.in-addr.arpa',
    '01.10.in-addr.arpa',
    '4.3.2.1.0.in-addr.arpa',
    'a.10.in-addr.arpa',
    '10.ip6.arpa',
    '10.1',
    '',
  ])('expects whole octets instead of "%s"', (zone) => {
    expect(reverseZoneProblem(zone)).toMatch(/whole octets in reverse order/);
  });
});
