import type { ContainerGroupId } from '../../container-group-id.ts';
import type { ZoneMap } from '../zone-map.ts';
import type { CountedGroup } from './census.ts';
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

/** Counts by the zone map's keys; each list has an entry for each thing to be counted. */
export function spokeCounts(
  zones: ZoneMap,
  groups: readonly ContainerGroupId[],
  recordSetOwners: readonly ContainerGroupId[],
  findingGroups: readonly ContainerGroupId[],
): SpokeCount[] {
  const countBySpoke = (ids: readonly ContainerGroupId[]) => {
    const counts = new Map<string, number>();
    for (const id of ids) {
      const key = zones.spokeOf(id)?.key;
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };
  const [inGroups, inRecordSets, inFindings] = [groups, recordSetOwners, findingGroups].map(countBySpoke);
  return zones.places.map(({ key }) => ({
    key,
    groups: inGroups?.get(key) ?? 0,
    recordSets: inRecordSets?.get(key) ?? 0,
    findings: inFindings?.get(key) ?? 0,
  }));
}
