import pLimit from 'p-limit';
import type { Clock } from '../../lib/clock.ts';
import type { Deadline } from '../../lib/deadline.ts';
import type { ForeignRecords } from '../plan.ts';
import type { RecordSetLister, SubscriptionLister } from '../ports.ts';
import type { ZoneMap } from '../zone-map.ts';
import { mergeFindings } from './compare.ts';
import { buildInventory, type CountPorts, listGroups } from './inventory.ts';
import { type AuditReport, sharedAddresses, spokeCounts, type Unread } from './report.ts';
import { auditedZones, compareZone } from './zones.ts';

interface SweepPorts extends CountPorts {
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
  const unread: Unread[] = [];
  const searched = await subscriptionsOf(zones, subscriptions, ports.subscriptionLister, unread, deadline);
  const count = await listGroups(searched, zones, ports, concurrency, deadline);
  const inventory = buildInventory(count.groups, zones, count.isCounted);

  const limit = pLimit(concurrency);
  const inspections = await Promise.all(
    auditedZones(zones, searched).map((zone) =>
      limit(() => compareZone(zone, inventory, foreignRecords, ports.recordSetLister, deadline)),
    ),
  );
  const found = inspections.flatMap(({ findings }) => findings);
  unread.push(...count.unread, ...inspections.flatMap((inspection) => inspection.unread ?? []));
  return {
    startedAt,
    finishedAt: ports.clock.now().toISOString(),
    complete: unread.length === 0,
    unread,
    spokes: spokeCounts(
      zones,
      count.groups,
      inspections.flatMap(({ owned }) => [...owned]),
      found,
    ),
    findings: mergeFindings(found, startedAt, before?.findings ?? []),
    sharedAddresses: sharedAddresses(count.groups),
    unmapped: count.unmapped,
  };
}

/** The subscriptions that the zone map names, and those to search for resource groups that it names alone. */
async function subscriptionsOf(
  zones: ZoneMap,
  configured: readonly string[] | undefined,
  lister: SubscriptionLister,
  unread: Unread[],
  deadline: Deadline,
): Promise<string[]> {
  const named = zones.places.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  const mustSearch = zones.places.some(({ subscriptionId }) => subscriptionId === undefined);
  let searched: readonly string[] = [];
  try {
    if (mustSearch) searched = configured ?? (await lister.list(deadline));
  } catch (error) {
    unread.push({ scope: '/subscriptions', reason: error instanceof Error ? error.message : String(error) });
  }
  return [...new Set([...named, ...searched].map((id) => id.toLowerCase()))];
}
