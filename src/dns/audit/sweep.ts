import pLimit from 'p-limit';
import type { Clock } from '../../lib/clock.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { describeError } from '../../lib/errors.ts';
import { ZoneMissingError } from '../errors.ts';
import { ownerKeyOf } from '../ownership.ts';
import type { ForeignRecords } from '../plan.ts';
import type { RecordSetLister, SubscriptionLister } from '../ports.ts';
import { zoneId } from '../record-set.ts';
import type { ZoneMap } from '../zone-map.ts';
import { stripsAfter } from './audit-strip.ts';
import { compareRecordSet, mayRemove, mergeFindings, missingRecordSets } from './compare.ts';
import {
  buildInventory,
  type Inventory,
  type InventoryRecordSet,
  sharedAddresses,
  spokeCounts,
} from './inventory.ts';
import {
  type AuditScope,
  isSubscriptionMissing,
  isUnregistered,
  type ListGroupsPorts,
  listGroups,
  reasonOf,
} from './list-groups.ts';
import type { AuditReport, Finding, Unread } from './report.ts';
import { type AuditedZone, auditedZones } from './zones.ts';

export interface SweepPorts extends ListGroupsPorts {
  readonly recordSetLister: RecordSetLister;
  readonly subscriptionLister: SubscriptionLister;
  readonly clock: Pick<Clock, 'now'>;
}

interface SweepRequest {
  readonly zones: ZoneMap;
  readonly foreignRecords: ForeignRecords;
  /** Where to look for resource groups that the zone map names alone; `undefined`: wherever the identity can. */
  readonly subscriptions: readonly string[] | undefined;
  /** The report of the sweep before this one. */
  readonly before: AuditReport | undefined;
}

/** Listings at a time: enough to be quick, few enough to leave the reconciler its share of the quotas. */
const concurrency = 6;

/**
 * Compares every mapped container group with every record set of its zones, and writes to none of them.
 *
 * Calls: the pages of each subscription and of each zone, and one read for each group that its listing leaves open.
 */
export async function sweep(
  { zones, foreignRecords, subscriptions, before }: SweepRequest,
  ports: SweepPorts,
  deadline: Deadline,
): Promise<AuditReport> {
  const startedAt = ports.clock.now().toISOString();
  const scope = await subscriptionsOf(zones, subscriptions, ports.subscriptionLister, deadline);
  const listing = await listGroups(scope, zones, ports, concurrency, deadline);
  const inventory = buildInventory(listing.groups, zones, listing.isListed);

  const limit = pLimit(concurrency);
  const comparisons = await Promise.all(
    auditedZones(zones, scope.subscriptions).map((zone) =>
      limit(() => compareZone(zone, inventory, scope, foreignRecords, ports.recordSetLister, deadline)),
    ),
  );
  const findings = comparisons.flatMap((comparison) => comparison.findings);
  const owned = comparisons.flatMap((comparison) => [...comparison.owned]);
  const unread = [
    ...zones.problems.map((reason) => ({ scope: 'DNS_ZONE_MAP', reason })),
    ...scope.unread,
    ...listing.unread,
    ...comparisons.flatMap((comparison) => comparison.unread ?? []),
  ];
  const finishedAt = ports.clock.now().toISOString();
  const ended = {
    finishedAt,
    complete: unread.length === 0,
    spokes: spokeCounts(zones, listing.groups, owned, findings),
  };
  return {
    startedAt,
    ...ended,
    ...(ended.complete ? {} : { incompleteSince: incompleteSince(before) ?? finishedAt }),
    unread,
    strips: stripsAfter(before?.strips ?? {}, ended),
    findings: mergeFindings(findings, startedAt, before?.findings ?? []),
    sharedAddresses: sharedAddresses(listing.groups),
    unmapped: [...listing.unmapped],
  };
}

/** `undefined` where the sweep before was complete, or none. A report of an older version shows no more than its own end. */
const incompleteSince = (before: AuditReport | undefined): string | undefined =>
  before === undefined || before.complete ? undefined : (before.incompleteSince ?? before.finishedAt);

/** The subscriptions that the zone map names, and those to search for resource groups that it names alone. */
export async function subscriptionsOf(
  zones: ZoneMap,
  configured: readonly string[] | undefined,
  lister: SubscriptionLister,
  deadline: Deadline,
): Promise<AuditScope & { readonly unread: readonly Unread[] }> {
  const distinct = (ids: readonly string[]) => [...new Set(ids.map((id) => id.toLowerCase()))];
  const named = distinct(zones.places.flatMap(({ subscriptionId }) => subscriptionId ?? []));
  const mustSearch = zones.places.some(({ subscriptionId }) => subscriptionId === undefined);
  if (!mustSearch || configured !== undefined) {
    const subscriptions = distinct([...named, ...(mustSearch ? (configured ?? []) : [])]);
    return { subscriptions, incidental: new Set(), unread: [] };
  }
  try {
    const found = distinct(await lister.list(deadline));
    const inSettings = new Set([...named, ...zoneSubscriptions(zones)]);
    const incidental = new Set(found.filter((id) => !inSettings.has(id)));
    return { subscriptions: distinct([...named, ...found]), incidental, unread: [] };
  } catch (error) {
    const unread = [{ scope: '/subscriptions', reason: describeError(error) }];
    return { subscriptions: named, incidental: new Set(), unread };
  }
}

/** The subscriptions of zones that the zone map names, in lower case. */
const zoneSubscriptions = (zones: ZoneMap): string[] =>
  zones.places.flatMap(({ resourceGroup }) => {
    // An entry that names no subscription takes the one that is asked about, which is empty here.
    const spoke = zones.spokeOf({ subscriptionId: '', resourceGroup });
    return spoke?.forwardZone.subscriptionId ? [spoke.forwardZone.subscriptionId.toLowerCase()] : [];
  });

/** What the comparison of one zone with the inventory found. */
interface ZoneComparison {
  readonly findings: readonly Finding[];
  /** How many record sets carry evenkeel's metadata, by the ARM id of their owner in lower case. */
  readonly owned: ReadonlyMap<string, number>;
  /** Set when the zone was not read to its end. */
  readonly unread: Unread | undefined;
}

/** Record sets are compared page by page and not kept: zones hold up to 25,000. */
async function compareZone(
  { zone, type, key }: AuditedZone,
  inventory: Inventory,
  { incidental }: AuditScope,
  foreignRecords: ForeignRecords,
  lister: RecordSetLister,
  deadline: Deadline,
): Promise<ZoneComparison> {
  const desired = inventory.desired.get(key) ?? new Map<string, InventoryRecordSet>();
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const owned = new Map<string, number>();
  try {
    for await (const page of lister.list(zone, type, deadline)) {
      for (const set of page) {
        const wanted = desired.get(set.key.name);
        if (wanted !== undefined) seen.add(wanted.key.name);
        const owner = ownerKeyOf(set.metadata);
        if (owner !== undefined) owned.set(owner, (owned.get(owner) ?? 0) + 1);
        const finding = compareRecordSet(set, wanted, inventory, foreignRecords);
        if (finding !== undefined) findings.push(finding);
      }
    }
  } catch (error) {
    const isIncidental = incidental.has(zone.subscriptionId.toLowerCase());
    // A zone that no group needs may be missing: its resource group need not be in this subscription.
    const isMissing =
      error instanceof ZoneMissingError ||
      (isIncidental && (isSubscriptionMissing(error) || isUnregistered(error)));
    if (isMissing && desired.size === 0) return { findings: [], owned, unread: undefined };
    const kept = findings.filter((finding) => !mayRemove(finding));
    const reason = reasonOf(error, zone.subscriptionId, incidental);
    return { findings: kept, owned, unread: { scope: zoneId(zone), reason } };
  }
  return { findings: [...findings, ...missingRecordSets(desired, seen)], owned, unread: undefined };
}
