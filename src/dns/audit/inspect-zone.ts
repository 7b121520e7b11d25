import type { ContainerGroupId } from '../../container-group-id.ts';
import { ZoneMissingError } from '../errors.ts';
import { ownershipOf } from '../mark.ts';
import type { ForeignRecords } from '../plan.ts';
import type { Deadline } from '../ports.ts';
import { recordSetId, zoneId } from '../record-set.ts';
import type { Census } from './census.ts';
import { type Finding, mayRemove } from './finding.ts';
import { judgeRecordSet } from './judge.ts';
import type { RecordSetLister } from './ports.ts';
import type { Unread } from './report.ts';
import { type AuditedZone, auditedZoneKey } from './zones-of.ts';

/** What a reading of one zone found. Record sets are judged page by page and not kept. */
export interface Inspection {
  readonly zone: AuditedZone;
  readonly findings: readonly Finding[];
  /** Ids of expected record sets that are there. */
  readonly seen: ReadonlySet<string>;
  /** The owners of marked record sets, one entry a set. */
  readonly owners: readonly ContainerGroupId[];
  /** Set when the zone was not read to its end. */
  readonly unread: Unread | undefined;
}

export async function inspectZone(
  zone: AuditedZone,
  census: Census,
  foreignRecords: ForeignRecords,
  lister: RecordSetLister,
  deadline: Deadline,
): Promise<Inspection> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const owners: ContainerGroupId[] = [];
  try {
    for await (const page of lister.list(zone.zone, zone.type, deadline)) {
      for (const set of page) {
        const id = recordSetId(set.key);
        if (census.expected.has(id)) seen.add(id);
        const ownership = ownershipOf(set, '');
        if (ownership.kind === 'other') owners.push(ownership.owner);
        const finding = judgeRecordSet(set, census, foreignRecords);
        if (finding !== undefined) findings.push(finding);
      }
    }
  } catch (error) {
    // A zone that no group needs may be missing: its resource group need not be in this subscription.
    if (error instanceof ZoneMissingError && !isNeeded(zone, census)) {
      return { zone, findings: [], seen, owners, unread: undefined };
    }
    const reason = error instanceof Error ? error.message : String(error);
    const kept = findings.filter((finding) => !mayRemove(finding));
    return { zone, findings: kept, seen, owners, unread: { scope: zoneId(zone.zone), reason } };
  }
  return { zone, findings, seen, owners, unread: undefined };
}

function isNeeded({ key }: AuditedZone, { expected }: Census): boolean {
  for (const expectation of expected.values()) if (auditedZoneKey(expectation.key) === key) return true;
  return false;
}
