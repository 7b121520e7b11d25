import { type ContainerGroupId, parseContainerGroupId } from '../container-group.ts';
import { type DesiredRecordSet, desiredRecordSets, isUsableHostName } from '../desired.ts';
import { fullName } from '../record-set.ts';
import type { ZoneMap } from '../zone-map.ts';
import type { AuditReport, Finding, SpokeCount } from './report.ts';
import { auditedZoneKey } from './zones.ts';

/** A container group as far as DNS depends on it; thousands are held at once. */
export interface InventoryGroup {
  readonly id: ContainerGroupId;
  /** `null`: it has none and will have none. `undefined`: nothing can be said of it at the moment. */
  readonly address: string | null | undefined;
  /** The label that it should have in its forward zone; its own name without a spoke. */
  readonly hostName: string;
  /** Whether a tag gives it that label: such a name is never taken from a foreign record set. */
  readonly isNameFromTag: boolean;
}

/** A record set that has to be there, and the group that wants it. */
export interface InventoryRecordSet extends DesiredRecordSet {
  readonly group: InventoryGroup;
  /** Where groups share a name or an address: the other values that are right. */
  readonly others: readonly string[];
}

/** Every mapped container group, indexed by what the zones are compared with. */
export interface Inventory {
  /** Groups by ARM id, in lower case. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** Record sets by zone and type (`auditedZoneKey`), then by their name. */
  readonly desired: ReadonlyMap<string, ReadonlyMap<string, InventoryRecordSet>>;
  /** Groups by their full host name. */
  readonly byHostName: ReadonlyMap<string, InventoryGroup>;
  /** Whether an entry of the zone map covers a group. */
  isMapped(id: ContainerGroupId): boolean;
  /** Whether the listing that would show a group was read to its end. */
  isListed(id: ContainerGroupId): boolean;
}

export function buildInventory(
  groups: Iterable<InventoryGroup>,
  zones: ZoneMap,
  isListed: (id: ContainerGroupId) => boolean,
): Inventory {
  const byId = new Map<string, InventoryGroup>();
  const byHostName = new Map<string, InventoryGroup>();
  const desired = new Map<string, Map<string, InventoryRecordSet>>();
  const add = ({ key, value }: DesiredRecordSet, group: InventoryGroup) => {
    const zone = auditedZoneKey(key);
    const ofZone = desired.get(zone) ?? new Map<string, InventoryRecordSet>();
    desired.set(zone, ofZone);
    const known = ofZone.get(key.name);
    if (known === undefined) ofZone.set(key.name, { key, value, group, others: [] });
    else ofZone.set(key.name, { ...known, others: [...known.others, value] });
  };
  for (const group of groups) {
    byId.set(group.id.key, group);
    const spoke = zones.spokeOf(group.id);
    if (spoke === undefined || !isUsableHostName(spoke, group.hostName)) continue;
    if (typeof group.address !== 'string') continue;
    const { a, ptr } = desiredRecordSets(spoke, group.hostName, group.address);
    byHostName.set(fullName(a.key), group);
    add(a, group);
    if (ptr !== undefined) add(ptr, group);
  }
  const isMapped = (id: ContainerGroupId) => zones.hasBadEntry(id) || zones.spokeOf(id) !== undefined;
  return { groups: byId, desired, byHostName, isMapped, isListed };
}

/** Two or more names on one address: at most one of them is what the address's PTR says. */
export function sharedAddresses(groups: readonly InventoryGroup[]): AuditReport['sharedAddresses'] {
  const byAddress = Map.groupBy(groups, ({ address }) => address);
  return [...byAddress].flatMap(([address, sharing]) =>
    typeof address === 'string' && sharing.length > 1
      ? [{ address, containerGroups: sharing.map(({ id }) => id.key).toSorted() }]
      : [],
  );
}

/**
 * Counts by the zone map's keys.
 * @param ownedSets how many record sets each owner has, one entry for each zone and owner.
 */
export function spokeCounts(
  zones: ZoneMap,
  groups: readonly InventoryGroup[],
  ownedSets: Iterable<readonly [ownerKey: string, count: number]>,
  findings: readonly Finding[],
): SpokeCount[] {
  const counts = new Map(
    zones.places.map(({ key }) => [key, { key, groups: 0, recordSets: 0, findings: 0 }]),
  );
  const countOf = (id: ContainerGroupId | undefined) =>
    id && !zones.hasBadEntry(id) ? counts.get(zones.spokeOf(id)?.key ?? '') : undefined;
  for (const { id } of groups) {
    const count = countOf(id);
    if (count !== undefined) count.groups += 1;
  }
  for (const [ownerKey, sets] of ownedSets) {
    const count = countOf(parseContainerGroupId(ownerKey));
    if (count !== undefined) count.recordSets += sets;
  }
  for (const { group } of findings) {
    const count = countOf(group);
    if (count !== undefined) count.findings += 1;
  }
  return [...counts.values()];
}
