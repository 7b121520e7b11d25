import { describe, expect, it } from 'vitest';
import { metadataValue, parseRecordSetId, parseZoneId } from '../../src/dns/record-set.ts';

const zone =
  '/subscriptions/s-1/resourceGroups/rg.(hub)/providers/Microsoft.Network/privateDnsZones/a_b.contoso.com';

describe('the ARM id of a record set', () => {
  it.each([
    ['A/web', 'A', 'web'],
    ['a/WEB.dev', 'A', 'web.dev'],
    ['A/_web-1', 'A', '_web-1'],
    ['A/@', 'A', '@'],
    ['A/*.dev', 'A', '*.dev'],
    ['ptr/4.0', 'PTR', '4.0'],
  ])('is read from %s', (place, type, name) => {
    expect(parseRecordSetId(`${zone}/${place}`)).toMatchObject({ type, name });
  });

  it.each(['A/web?x=1', 'A/web#x', 'A/%77eb', 'A/..', 'A/web.', 'A/web/x', 'A/', 'MX/web', 'A/we b'])(
    'is nothing that a URL would make another one of: %s',
    (place) => {
      expect(parseRecordSetId(`${zone}/${place}`)).toBeUndefined();
    },
  );

  it('is nothing that is longer than any name', () => {
    expect(parseRecordSetId(`${zone}/A/${'a'.repeat(253)}`)).toBeDefined();
    const name = (idLength: number) => 'a'.repeat(idLength - `${zone}/A/`.length);
    expect(parseRecordSetId(`${zone}/A/${name(800)}`)).toBeDefined();
    expect(parseRecordSetId(`${zone}/A/${name(801)}`)).toBeUndefined();
  });

  it.each([
    ['rg.(hub)', 'rg?x'],
    ['rg.(hub)', '..'],
    ['s-1', '..'],
    ['a_b.contoso.com', 'contoso.com?x'],
  ])('nor is it with %s as %s', (from, to) => {
    expect(parseRecordSetId(`${zone}/A/web`.replace(from, to))).toBeUndefined();
  });
});

describe('the ARM id of a zone', () => {
  it('is read in whatever casing', () => {
    const read = { subscriptionId: 'S-1', resourceGroup: 'RG.(HUB)', name: 'a_b.contoso.com' };
    expect(parseZoneId(zone.toUpperCase())).toEqual(read);
  });

  it.each([`${zone}/A`, zone.replace('a_b.contoso.com', ''), 'a_b.contoso.com'])('is not %s', (text) => {
    expect(parseZoneId(text)).toBeUndefined();
  });
});

it.each([
  [{ Team: 'a' }, 'a'],
  [{ TEAM: 'a', team: 'b' }, 'b'],
  [{ teams: 'a' }, undefined],
])('the entry "team" of the metadata %j is %s', (metadata, value) => {
  expect(metadataValue(metadata, 'team')).toBe(value);
});
