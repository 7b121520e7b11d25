import { describe, expect, it } from 'vitest';
import { desiredRecordSets, hostNameOf } from '../../src/dns/desired.ts';
import { fullName } from '../../src/dns/record-set.ts';
import { groupId, spokeOf, zoneMapOf } from './fixtures.ts';

/** `A web.spoke-a.internal.contoso.com 10.1.0.4`, one for each record set. */
function desired(name: string, address: string, resourceGroup?: string, map?: ReturnType<typeof zoneMapOf>) {
  const group = groupId(name, resourceGroup);
  const { a, ptr, uncoveredAddress } = desiredRecordSets(
    spokeOf(group, map),
    hostNameOf(spokeOf(group, map), group, undefined),
    address,
  );
  const sets = [a, ...(ptr === undefined ? [] : [ptr])];
  return { sets: sets.map(({ key, value }) => `${key.type} ${fullName(key)} ${value}`), uncoveredAddress };
}

describe('the record sets that a container group wants', () => {
  it('are an A at its name and a PTR in the longest reverse zone that covers its address', () => {
    expect(desired('web', '10.1.0.4')).toEqual({
      sets: [
        'A web.spoke-a.internal.contoso.com 10.1.0.4',
        'PTR 4.0.1.10.in-addr.arpa web.spoke-a.internal.contoso.com',
      ],
      uncoveredAddress: undefined,
    });
    const group = groupId('web');
    const { ptr } = desiredRecordSets(spokeOf(group), 'web', '10.1.0.4');
    expect(ptr?.key).toMatchObject({ name: '4.0', zone: { name: '1.10.in-addr.arpa' } });
    const wide = desiredRecordSets(spokeOf(group), 'web', '10.2.0.4');
    expect(wide.ptr?.key).toMatchObject({ name: '4.0.2', zone: { name: '10.in-addr.arpa' } });
  });

  it('have a name in lower case', () => {
    expect(desired('Web-API', '10.1.0.4').sets).toEqual([
      'A web-api.spoke-a.internal.contoso.com 10.1.0.4',
      'PTR 4.0.1.10.in-addr.arpa web-api.spoke-a.internal.contoso.com',
    ]);
  });

  it('are an A alone in a spoke without reverse zones, and nothing is uncovered there', () => {
    expect(desired('web', '10.1.0.4', 'rg-spoke-b')).toEqual({
      sets: ['A web.spoke-b.internal.contoso.com 10.1.0.4'],
      uncoveredAddress: undefined,
    });
  });

  it('are an A alone where no reverse zone covers the address, which is then uncovered', () => {
    expect(desired('web', '192.168.0.4')).toEqual({
      sets: ['A web.spoke-a.internal.contoso.com 192.168.0.4'],
      uncoveredAddress: '192.168.0.4',
    });
  });

  it('have a PTR at the apex of a reverse zone that is the address itself', () => {
    const map = zoneMapOf({
      'rg-one': { forwardZone: 'one.contoso.com', reverseZones: ['4.0.1.10.in-addr.arpa'] },
    });
    expect(desired('web', '10.1.0.4', 'rg-one', map).sets).toEqual([
      'A web.one.contoso.com 10.1.0.4',
      'PTR 4.0.1.10.in-addr.arpa web.one.contoso.com',
    ]);
  });
});
