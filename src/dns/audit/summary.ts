import { type ContainerGroupId, parseContainerGroupId } from '../../container-group-id.ts';
import type { ZoneMap } from '../zone-map.ts';
import type { Finding } from './finding.ts';
import type { CountedGroup } from './inventory.ts';
import type { AuditReport, SpokeCount } from './report.ts';

/** Two or more names on one address: at most one of them is what the address's PTR says. */
export function sharedAddresses(groups: readonly CountedGroup[]): AuditReport['sharedAddresses'] {
  const byAddress = Map.groupBy(groups, ({ address }) => address);
  return [...byAddress].flatMap(([address, sharing]) =>
    typeof address === 'string' && sharing.length > 1
      ? [{ address, containerGroups: sharing.map(({ id }) => id.key).toSorted() }]
      : [],
  );
}

/**
 * Counts by the zone map's keys.
 * @param ownedSets how many marked record sets each owner has, one entry for each zone and owner.
 */
export function spokeCounts(
  zones: ZoneMap,
  groups: readonly CountedGroup[],
  ownedSets: Iterable<readonly [ownerKey: string, count: number]>,
  findings: readonly Finding[],
): SpokeCount[] {
  const counts = new Map(
    zones.places.map(({ key }) => [key, { key, groups: 0, recordSets: 0, findings: 0 }]),
  );
  const countOf = (id: ContainerGroupId | undefined) => id && counts.get(zones.spokeOf(id)?.key ?? '');
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
