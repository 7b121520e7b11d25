import { type RecordSetKey, type ZoneId, zoneId } from '../record-set.ts';
import type { ZoneMap } from '../zone-map.ts';

/** A zone and the one type of record set that evenkeel keeps in it. */
export interface AuditedZone {
  readonly zone: ZoneId;
  readonly type: RecordSetKey['type'];
  /** Comparable; one zone is listed once, however many spokes share it. */
  readonly key: string;
}

export const auditedZoneKey = ({ zone, type }: Omit<AuditedZone, 'key'>): string =>
  `${zoneId(zone)}/${type}`.toLowerCase();

/** Every zone that the zone map leads to from the given subscriptions. */
export function auditedZones(zones: ZoneMap, subscriptions: readonly string[]): AuditedZone[] {
  const found = new Map<string, AuditedZone>();
  const add = (zone: ZoneId, type: AuditedZone['type']) => {
    const key = auditedZoneKey({ zone, type });
    found.set(key, { zone, type, key });
  };
  for (const { subscriptionId, resourceGroup } of zones.places) {
    for (const candidate of subscriptionId === undefined ? subscriptions : [subscriptionId]) {
      const place = { subscriptionId: candidate, resourceGroup };
      // In this subscription, another entry may win over the one of the place.
      const spoke = zones.hasBadEntry(place) ? undefined : zones.spokeOf(place);
      if (spoke === undefined) continue;
      add(spoke.forwardZone, 'A');
      for (const reverseZone of spoke.reverseZones) add(reverseZone, 'PTR');
    }
  }
  return [...found.values()];
}
