import { type ContainerGroupId, parseContainerGroupId } from '../../src/dns/container-group.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../src/dns/record-set.ts';
import { parseZoneMap, reverseRecordOf, type Spoke, type ZoneMap } from '../../src/dns/zone-map.ts';
import { settingValue } from '../../src/settings/setting.ts';

export const subscriptionId = '11111111-2222-3333-4444-555555555555';
export const now = new Date('2026-11-21T12:00:00.000Z');
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const ago = (ms: number): Date => new Date(now.getTime() - ms);

export function groupId(name: string, resourceGroup = 'rg-spoke-a'): ContainerGroupId {
  const id = parseContainerGroupId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`,
  );
  if (id === undefined) throw new Error(`no container group is called ${name}`);
  return id;
}

export const zoneMapOf = (entries: object): ZoneMap => settingValue(parseZoneMap(JSON.stringify(entries)));

/** Two spokes: `rg-spoke-a` with a wide and a narrow reverse zone, `rg-spoke-b` with A records only. */
export const zones = zoneMapOf({
  'rg-spoke-a': {
    forwardZone: 'spoke-a.internal.contoso.com',
    reverseZones: ['10.in-addr.arpa', '1.10.in-addr.arpa'],
    zoneResourceGroup: 'rg-hub-dns',
    ttl: 30,
  },
  'rg-spoke-b': { forwardZone: 'spoke-b.internal.contoso.com' },
});

export function spokeOf(group: ContainerGroupId, map: ZoneMap = zones): Spoke {
  const spoke = map.spokeOf(group);
  if (spoke === undefined) throw new Error(`no spoke has ${group.key}`);
  return spoke;
}

export const aKey = (group: ContainerGroupId): RecordSetKey => ({
  zone: spokeOf(group).forwardZone,
  type: 'A',
  name: group.name.toLowerCase(),
});

export function ptrKey(address: string): RecordSetKey {
  const place = reverseRecordOf(spokeOf(groupId('any')), address);
  if (place === undefined) throw new Error(`no reverse zone covers ${address}`);
  return { ...place, type: 'PTR' };
}

export const hostOf = (group: ContainerGroupId): string =>
  `${group.name.toLowerCase()}.${spokeOf(group).forwardZone.name}`;

type Overrides = Partial<Omit<ObservedRecordSet, 'key'>>;

/** A record set that nobody has marked. */
export const recordSet = (
  key: RecordSetKey,
  values: readonly string[],
  overrides: Overrides = {},
): ObservedRecordSet => ({
  key,
  values,
  ttlSeconds: 30,
  metadata: {},
  etag: 'etag-0',
  isAutoRegistered: false,
  ...overrides,
});

/** The mark as the contract writes it; built here on its own, so that a changed name in the code shows. */
export const ownerMark = (group: ContainerGroupId) => ({ evenkeelOwner: group.key });

export interface Memory {
  /** Ms since evenkeel wrote the set. */
  readonly age?: number;
  /** The text of `evenkeelPrevious`. */
  readonly previous?: string;
}

/** The A record set that evenkeel keeps for a group. */
export const ownA = (
  group: ContainerGroupId,
  address: string,
  { age = hourMs, previous }: Memory = {},
  overrides: Overrides = {},
): ObservedRecordSet =>
  recordSet(aKey(group), [address], {
    metadata: {
      ...ownerMark(group),
      ...(previous === undefined ? {} : { evenkeelPrevious: previous }),
      evenkeelStamp: ago(age).toISOString(),
    },
    ...overrides,
  });

/** The PTR record set that evenkeel keeps for a group at an address. */
export const ownPtr = (group: ContainerGroupId, address: string, overrides: Overrides = {}) =>
  recordSet(ptrKey(address), [`${hostOf(group)}.`], { metadata: ownerMark(group), ...overrides });
