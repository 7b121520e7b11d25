import type { ContainerGroupId } from '../../container-group-id.ts';
import type { Deadline } from '../../lib/deadline.ts';
import type { LiveGroup } from '../container-group.ts';
import type { ObservedRecordSet, RecordSetKey, ZoneId } from '../record-set.ts';

export interface ListedGroup {
  readonly id: ContainerGroupId;
  /** Listings leave the instance view out, so a stopped group without an address reads as not ready. */
  readonly live: LiveGroup;
}

export interface ContainerGroupLister {
  /** Page by page; without `resourceGroup`, the whole subscription. Fails when a page cannot be read. */
  list(scope: GroupScope, deadline: Deadline): AsyncIterable<readonly ListedGroup[]>;
}

export interface GroupScope {
  readonly subscriptionId: string;
  readonly resourceGroup?: string;
}

export interface RecordSetLister {
  /** Page by page. Fails when a page cannot be read, with `ZoneMissingError` when the zone is not there. */
  list(
    zone: ZoneId,
    type: RecordSetKey['type'],
    deadline: Deadline,
  ): AsyncIterable<readonly ObservedRecordSet[]>;
}

export interface SubscriptionLister {
  list(deadline: Deadline): Promise<readonly string[]>;
}
