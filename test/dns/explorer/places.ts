import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import type { RecordSetKey } from '../../../src/dns/record-set.ts';
import { groupId, hostOf as host, aKey as keyOfA, zoneMapOf } from '../fixtures.ts';
import type { Settings } from './scenario.ts';

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

/** Where the name counts, and the resource group does not. */
const namesake = ({ name }: ContainerGroupId): ContainerGroupId => groupId(name);

export const aKey = (group: ContainerGroupId): RecordSetKey => keyOfA(namesake(group));

export const hostOf = (group: ContainerGroupId): string => host(namesake(group));
