import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPreviousAddresses, previousAddresses } from '../../src/dns/previous-addresses.ts';
import { ago, hourMs, minuteMs, now } from './fixtures.ts';

const at = (address: string, ms: number) => ({ address, leftAt: ago(ms) });

describe('the previous addresses of an A record set', () => {
  const read = (evenkeelPrevious: string) =>
    previousAddresses({ evenkeelPrevious }, now).map(({ address }) => address);
  const iso = (ms: number) => ago(ms).toISOString();

  it('are read oldest first', () => {
    expect(read(`10.1.0.4@${iso(hourMs)},10.1.0.5@${iso(minuteMs)}`)).toEqual(['10.1.0.4', '10.1.0.5']);
  });

  it('last 24 hours', () => {
    expect(read(`10.1.0.4@${iso(24 * hourMs)}`)).toEqual(['10.1.0.4']);
    expect(read(`10.1.0.4@${iso(24 * hourMs + 1)}`)).toEqual([]);
  });

  it('of a time that lies ahead are taken for left now: nobody leaves an address later', () => {
    const ahead = `10.1.0.4@9999-01-01T00:00:00.000Z`;
    expect(previousAddresses({ evenkeelPrevious: ahead }, now)).toEqual([at('10.1.0.4', 0)]);
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
  ])('skip what cannot be read in "%s"', (text, addresses) => {
    expect(read(text)).toEqual(addresses);
  });

  it('are none without the metadata, and found in whatever casing of its key', () => {
    expect(previousAddresses({}, now)).toEqual([]);
    expect(previousAddresses({ evenkeelprevious: `10.1.0.4@${iso(0)}` }, now)).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof nextPreviousAddresses>, ReturnType<typeof nextPreviousAddresses>]>([
    ['leave out the address that A will point at', [[at('10.1.0.4', 5)], [], '10.1.0.4', now], []],
    ['leave it out also when this write leaves it', [[], ['10.1.0.4'], '10.1.0.4', now], []],
    ['take in what this write leaves, from now', [[], ['10.1.0.4'], '10.1.0.5', now], [at('10.1.0.4', 0)]],
    ['keep the time of what was known', [[at('10.1.0.4', 5)], [], '10.1.0.5', now], [at('10.1.0.4', 5)]],
    [
      'renew the time of what is left again',
      [[at('10.1.0.4', 5)], ['10.1.0.4'], '10.1.0.5', now],
      [at('10.1.0.4', 0)],
    ],
    [
      'keep the later of two times',
      [[at('10.1.0.4', 5), at('10.1.0.4', 9)], [], '10.1.0.5', now],
      [at('10.1.0.4', 5)],
    ],
  ])('%s', (_, input, remembered) => {
    expect(nextPreviousAddresses(...input)).toEqual(remembered);
  });

  it('are 8 at most, and the oldest leave first', () => {
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

  it('of times that lie ahead do not push out the address that this write leaves', () => {
    const ahead = Array.from({ length: 8 }, (_, index) => `10.1.0.${index}@9999-01-01T00:00:00.000Z`).join(
      ',',
    );
    const known = previousAddresses({ evenkeelPrevious: ahead }, now);
    // By its own order, the address would come before all of them.
    const remembered = nextPreviousAddresses(known, ['10.0.0.1'], '10.1.0.200', now);
    expect(remembered).toHaveLength(8);
    expect(remembered.at(-1)).toEqual(at('10.0.0.1', 0));
  });

  it('do not depend on the order in which they were known', () => {
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
