import type { Deadline } from '../lib/deadline.ts';
import type { ContainerGroupId, LiveGroup } from './container-group.ts';
import type { ObservedRecordSet, RecordSetContent, RecordSetKey, ZoneId } from './record-set.ts';
import type { RequeueMessage, Trigger } from './requeue.ts';

/** Every port throws the errors of `lib/errors.ts` and `dns/errors.ts` for what is not an answer. */
export interface ContainerGroupReader {
  read(id: ContainerGroupId, deadline: Deadline): Promise<LiveGroup>;
}

export interface RecordSetReader {
  /** @returns `undefined` when the zone exists and has no such record set. */
  read(key: RecordSetKey, deadline: Deadline): Promise<ObservedRecordSet | undefined>;
}

export interface RecordSetWriter {
  /** Fails with `RecordSetChangedError` when the record set exists. */
  create(key: RecordSetKey, content: RecordSetContent, deadline: Deadline): Promise<void>;
  /** Fails with `RecordSetChangedError` unless the record set is still as it was observed. */
  update(observed: ObservedRecordSet, content: RecordSetContent, deadline: Deadline): Promise<void>;
  /** Fails with `RecordSetChangedError` when the record set changed; one that is absent is deleted already. */
  delete(observed: ObservedRecordSet, deadline: Deadline): Promise<void>;
}

/** One row of the table of drift observations; its columns are those of the data collection rule. */
export interface DriftRow {
  readonly TimeGenerated: string;
  readonly Finding: string;
  readonly ContainerGroup: string;
  readonly HostName: string;
  readonly Zone: string;
  readonly LiveAddress: string | null;
  readonly RecordAddress: string | null;
  readonly EventId: string;
  readonly LagMs: number | null;
}

export interface DriftLog {
  write(row: DriftRow): Promise<void>;
}

/** Work that has to be done later, whatever becomes of this invocation. */
export interface RequeueQueue {
  /** Has the group looked at again after `delayMs`, or fails with `RequeueError`. */
  requeue(message: RequeueMessage, delayMs: number): Promise<void>;
}

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

/** What people see of reconciles, kept by whoever can: see `status/journal.ts`. */
export interface ReconcileJournal {
  /** @param spoke the key of the zone map. */
  recordRepair(trigger: Trigger, spoke: string): void;
  /** The records of a group were seen to be right. */
  recordReconciled(groupKey: string): void;
  recordConflict(groupKey: string, conflict: { readonly recordSet: string; readonly owner: string }): void;
  /** Writes what was noted; never throws. */
  flush(): Promise<void>;
}
