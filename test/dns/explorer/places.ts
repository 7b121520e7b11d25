import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import type { DnsPolicy } from '../../../src/dns/policy.ts';
import type { RecordSetKey } from '../../../src/dns/record-set.ts';
import { reverseRecordOf, type Spoke } from '../../../src/dns/zone-map.ts';
import { groupId, hostOf as host, aKey as keyOfA, zoneMapOf } from '../fixtures.ts';
import { hostTagName, type Live, type Settings } from './scenario.ts';

const shared = {
  forwardZone: 'spoke-a.internal.contoso.com',
  reverseZones: ['10.in-addr.arpa', '1.10.in-addr.arpa'],
  zoneResourceGroup: 'rg-hub-dns',
  ttl: 30,
};

/** Three resource groups that share their zones: groups of the same name in them want the same A record set. */
export const settings: Settings = {
  name: 'shared zones',
  zones: zoneMapOf({ 'rg-spoke-a': shared, 'rg-twin': shared, 'rg-third': shared }),
};

/** The entry of one spoke is another; the others keep the zones that it leaves on the map. */
const changed = (name: string, entry: object | undefined): Settings => ({
  name,
  zones: zoneMapOf({
    ...(entry === undefined ? {} : { 'rg-spoke-a': { ...shared, ...entry } }),
    'rg-twin': shared,
    'rg-third': shared,
  }),
});

export const elsewhere = changed('another forward zone', { forwardZone: 'spoke-z.internal.contoso.com' });
export const wideOnly = changed('no narrow reverse zone', { reverseZones: ['10.in-addr.arpa'] });
export const noReverse = changed('no reverse zone', { reverseZones: [] });
export const unmapped = changed('no entry', undefined);
export const tagged = changed('names from a tag', { hostNameTag: hostTagName });
export const upsertOnly = changed('nothing is taken away', { policy: 'upsert-only' });
export const observing = changed('nothing is written', { policy: 'observe' });
export const taggedForward = changed('names from a tag, and no reverse zone', {
  hostNameTag: hostTagName,
  reverseZones: [],
});

/** How far an invocation for a group may go. */
export const policyOf = (group: ContainerGroupId, { zones }: Settings): DnsPolicy =>
  zones.spokeOf(group)?.policy ?? 'sync';

/** Where the name counts, and the resource group does not. */
const namesake = ({ name }: ContainerGroupId): ContainerGroupId => groupId(name);

export const aKey = (group: ContainerGroupId): RecordSetKey => keyOfA(namesake(group));

export const hostOf = (group: ContainerGroupId): string => host(namesake(group));

/** The label of a group in its forward zone. */
export const hostLabelOf = (
  { hostNameTag }: Spoke,
  { name }: ContainerGroupId,
  hostTag: string | undefined,
) => (hostNameTag === undefined ? name : (hostTag ?? name));

export const aKeyIn = ({ forwardZone: zone }: Spoke, name: string): RecordSetKey => ({
  zone,
  type: 'A',
  name,
});

/** What a live group wants. */
export interface Wanted {
  readonly a: RecordSetKey;
  readonly host: string;
  /** `undefined` where no reverse zone covers the address. */
  readonly ptr: RecordSetKey | undefined;
}

export function wantedBy(group: ContainerGroupId, { address, hostTag }: Live, spoke: Spoke): Wanted {
  const name = hostLabelOf(spoke, group, hostTag);
  const place = reverseRecordOf(spoke, address);
  return {
    a: aKeyIn(spoke, name),
    host: `${name}.${spoke.forwardZone.name}`,
    ptr: place && { ...place, type: 'PTR' },
  };
}
