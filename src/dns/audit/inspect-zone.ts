import type { Deadline } from '../../lib/deadline.ts';
import { ZoneMissingError } from '../errors.ts';
import { ownerKeyOf } from '../ownership.ts';
import type { ForeignRecords } from '../plan.ts';
import { zoneId } from '../record-set.ts';
import { judgeRecordSet, missingRecordSets } from './compare.ts';
import { type Finding, mayRemove } from './finding.ts';
import type { Census } from './inventory.ts';
import type { RecordSetLister } from './ports.ts';
import type { Unread } from './report.ts';
import type { AuditedZone } from './zones.ts';

/** What a reading of one zone found. */
interface Inspection {
  readonly findings: readonly Finding[];
  /** How many marked record sets there are, by the ARM id of their owner in lower case. */
  readonly owned: ReadonlyMap<string, number>;
  /** Set when the zone was not read to its end. */
  readonly unread: Unread | undefined;
}

/** Record sets are judged page by page and not kept: zones hold up to 25,000. */
export async function inspectZone(
  { zone, type, key }: AuditedZone,
  census: Census,
  foreignRecords: ForeignRecords,
  lister: RecordSetLister,
  deadline: Deadline,
): Promise<Inspection> {
  const expected = census.expected.get(key) ?? new Map();
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
        const finding = judgeRecordSet(set, expectation, census, foreignRecords);
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
