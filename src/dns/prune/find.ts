import pLimit from 'p-limit';
import type { Deadline } from '../../lib/deadline.ts';
import { describeError } from '../../lib/errors.ts';
import { buildInventory, type Inventory } from '../audit/inventory.ts';
import { listGroups } from '../audit/list-groups.ts';
import type { Unread } from '../audit/report.ts';
import { type SweepPorts, subscriptionsOf } from '../audit/sweep.ts';
import { type AuditedZone, auditedZoneKey, auditedZones } from '../audit/zones.ts';
import type { ContainerGroupId } from '../container-group.ts';
import { ZoneMissingError } from '../errors.ts';
import type { DnsPolicy } from '../policy.ts';
import { type ObservedRecordSet, recordSetId, type ZoneId, zoneId } from '../record-set.ts';
import { policyFor, type ZoneMap } from '../zone-map.ts';
import {
  type OwnerState,
  ownerStateOf,
  type PruneReason,
  prunableOwnerOf,
  pruneReasonOf,
} from './prunable.ts';

interface FindRequest {
  readonly zones: ZoneMap;
  /** Zones to look through besides those of the zone map. */
  readonly namedZones: readonly ZoneId[];
  /** As for a sweep. */
  readonly subscriptions: readonly string[] | undefined;
  /** For the spokes that have no policy of their own. */
  readonly policy: DnsPolicy;
}

export interface PrunableRecordSet {
  readonly recordSet: ObservedRecordSet;
  /** Whether the zone map leads to its zone, so that the audit sees it. */
  readonly isZoneMapped: boolean;
}

/** A container group whose record sets are needed no more. */
export interface PrunableOwner {
  readonly owner: ContainerGroupId;
  readonly state: OwnerState;
  readonly reason: PruneReason;
  /** How far the app may go with its records. */
  readonly policy: DnsPolicy;
  /** PTR first, as they are removed. */
  readonly recordSets: readonly PrunableRecordSet[];
}

export interface Prunable {
  /** In the order of their ids. */
  readonly owners: readonly PrunableOwner[];
  readonly unread: readonly Unread[];
  /** Reverse zones that were not read to their end. */
  readonly unreadReverseZones: readonly ZoneId[];
}

/** Listings and reads at a time, as for a sweep. */
const concurrency = 6;

/**
 * Looks through every mapped zone and every named one for record sets of ours that are needed no more, and writes to
 * none of them.
 *
 * Calls: those of a sweep, and one read for each owner that no listing shows.
 */
export async function findPrunable(
  { zones, namedZones, subscriptions, policy }: FindRequest,
  ports: Omit<SweepPorts, 'clock'>,
  deadline: Deadline,
): Promise<Prunable> {
  const scope = await subscriptionsOf(zones, subscriptions, ports.subscriptionLister, deadline);
  const listing = await listGroups(scope, zones, ports, concurrency, deadline);
  const inventory = buildInventory(listing.groups, zones, listing.isListed);
  const limit = pLimit(concurrency);

  const mapped = auditedZones(zones, scope.subscriptions);
  const zonesRead = await Promise.all(
    zonesToRead(mapped, namedZones).map((zone) => limit(() => readZone(zone, inventory, ports, deadline))),
  );
  const found = zonesRead.flatMap(({ recordSets }) => recordSets);
  const byOwner = Map.groupBy(found, ({ owner }) => owner.key);
  const owners = await Promise.all(
    [...byOwner.values()].map((marked) => limit(() => prunableOwner(marked, inventory, ports, deadline))),
  );
  const failed = zonesRead.filter(({ failure }) => failure !== undefined);
  return {
    owners: owners
      .flatMap((found) => found ?? [])
      .map((found) => ({ ...found, policy: policyFor(zones, found.owner, policy) }))
      .toSorted((a, b) => (a.owner.key < b.owner.key ? -1 : 1)),
    unread: [
      ...scope.unread,
      ...listing.unread,
      ...failed.map(({ zone, failure = '' }) => ({ scope: zoneId(zone.zone), reason: failure })),
    ],
    unreadReverseZones: failed.flatMap(({ zone }) => (zone.type === 'PTR' ? zone.zone : [])),
  };
}

interface ZoneToRead extends AuditedZone {
  readonly isMapped: boolean;
}

/** A zone that no entry leads to may have been a forward or a reverse zone, so both types are read. */
function zonesToRead(mapped: readonly AuditedZone[], named: readonly ZoneId[]): ZoneToRead[] {
  const found = new Map<string, ZoneToRead>();
  for (const zone of mapped) found.set(zone.key, { ...zone, isMapped: true });
  for (const zone of named) {
    for (const type of ['A', 'PTR'] as const) {
      const key = auditedZoneKey({ zone, type });
      if (!found.has(key)) found.set(key, { zone, type, key, isMapped: false });
    }
  }
  return [...found.values()];
}

interface MarkedRecordSet extends PrunableRecordSet {
  readonly owner: ContainerGroupId;
}

interface ZoneRead {
  readonly zone: ZoneToRead;
  /** Record sets of ours, but for those that stand in a mapped zone and belong to a group that lives. */
  readonly recordSets: readonly MarkedRecordSet[];
  readonly failure: string | undefined;
}

/** Record sets are looked at page by page, and most are not kept: zones hold up to 25,000. */
async function readZone(
  zone: ZoneToRead,
  { groups }: Inventory,
  { recordSetLister }: Pick<SweepPorts, 'recordSetLister'>,
  deadline: Deadline,
): Promise<ZoneRead> {
  const recordSets: MarkedRecordSet[] = [];
  try {
    for await (const page of recordSetLister.list(zone.zone, zone.type, deadline)) {
      for (const recordSet of page) {
        const owner = prunableOwnerOf(recordSet);
        if (owner === undefined || (zone.isMapped && groups.has(owner.key))) continue;
        recordSets.push({ recordSet, owner, isZoneMapped: zone.isMapped });
      }
    }
    return { zone, recordSets, failure: undefined };
  } catch (error) {
    if (!(error instanceof ZoneMissingError)) return { zone, recordSets, failure: describeError(error) };
    // Its resource group need not be in every subscription; but whoever names a zone means one that is there.
    return { zone, recordSets: [], failure: zone.isMapped ? undefined : 'there is no such zone' };
  }
}

async function prunableOwner(
  marked: readonly MarkedRecordSet[],
  inventory: Inventory,
  { containerGroups }: Pick<SweepPorts, 'containerGroups'>,
  deadline: Deadline,
): Promise<Omit<PrunableOwner, 'policy'> | undefined> {
  const [first] = marked;
  if (first === undefined) return undefined;
  const { owner } = first;
  const isShown = inventory.groups.has(owner.key);
  const read = isShown
    ? 'lives'
    : await containerGroups.read(owner, deadline).then(ownerStateOf, (): OwnerState => 'unknown');
  // A mapped group that no listing shows, and that lives: where its records belong is not known.
  const state = read === 'lives' && !isShown && inventory.isMapped(owner) ? 'unknown' : read;
  const reasons = marked.flatMap(({ recordSet, isZoneMapped }) => {
    const reason = pruneReasonOf({ set: recordSet, state, isZoneMapped, inventory });
    return reason === undefined ? [] : { reason, recordSet, isZoneMapped };
  });
  const [reason] = reasons;
  if (reason === undefined) return undefined;
  const recordSets = reasons
    .map(({ recordSet, isZoneMapped }) => ({ recordSet, isZoneMapped }))
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return { owner, state, reason: reason.reason, recordSets };
}

const orderOf = ({ recordSet: { key } }: PrunableRecordSet): string =>
  `${key.type === 'PTR' ? 1 : 2} ${recordSetId(key)}`;
