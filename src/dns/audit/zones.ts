import type { Deadline } from '../../lib/deadline.ts';
import { ZoneMissingError } from '../errors.ts';
import { ownerKeyOf } from '../ownership.ts';
import type { ForeignRecords } from '../plan.ts';
import type { RecordSetLister } from '../ports.ts';
import { type RecordSetKey, type ZoneId, zoneId } from '../record-set.ts';
import type { ZoneMap } from '../zone-map.ts';
import { compareRecordSet, type Finding, mayRemove, missingRecordSets } from './compare.ts';
import type { Inventory } from './inventory.ts';
import type { Unread } from './report.ts';

/** A zone and the one type of record set that evenkeel keeps in it. */
interface AuditedZone {
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
      const spoke = zones.spokeOf({ subscriptionId: candidate, resourceGroup });
      if (spoke === undefined) continue;
      add(spoke.forwardZone, 'A');
      for (const reverseZone of spoke.reverseZones) add(reverseZone, 'PTR');
    }
  }
  return [...found.values()];
}

/** What a reading of one zone found. */
interface Inspection {
  readonly findings: readonly Finding[];
  /** How many marked record sets there are, by the ARM id of their owner in lower case. */
  readonly owned: ReadonlyMap<string, number>;
  /** Set when the zone was not read to its end. */
  readonly unread: Unread | undefined;
}

/** Record sets are judged page by page and not kept: zones hold up to 25,000. */
export async function compareZone(
  { zone, type, key }: AuditedZone,
  inventory: Inventory,
  foreignRecords: ForeignRecords,
  lister: RecordSetLister,
  deadline: Deadline,
): Promise<Inspection> {
  const expected = inventory.desired.get(key) ?? new Map();
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const owned = new Map<string, number>();
  try {
    for await (const page of lister.list(zone, type, deadline)) {
      for (const set of page) {
        const expectation = expected.get(set.key.name);
        if (expectation !== undefined) seen.add(expectation.key.name);
        const owner = ownerKeyOf(set.metadata);
        if (owner !== undefined) owned.set(owner, (owned.get(owner) ?? 0) + 1);
        const finding = compareRecordSet(set, expectation, inventory, foreignRecords);
        if (finding !== undefined) findings.push(finding);
      }
    }
  } catch (error) {
    // A zone that no group needs may be missing: its resource group need not be in this subscription.
    if (error instanceof ZoneMissingError && expected.size === 0) {
      return { findings: [], owned, unread: undefined };
    }
    const reason = error instanceof Error ? error.message : String(error);
    const kept = findings.filter((finding) => !mayRemove(finding));
    return { findings: kept, owned, unread: { scope: zoneId(zone), reason } };
  }
  return { findings: [...findings, ...missingRecordSets(expected, seen)], owned, unread: undefined };
}
