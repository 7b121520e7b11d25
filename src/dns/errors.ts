import type { ContainerGroupId, LiveGroup } from './container-group.ts';
import type { BlockedRecordSet } from './plan.ts';
import { recordSetId } from './record-set.ts';

/** A record set changed between our read and our write (412, or 404 on a conditional update). */
export class RecordSetChangedError extends Error {
  override readonly name = 'RecordSetChangedError';
  constructor(recordSet: string, options?: ErrorOptions) {
    super(`the record set ${recordSet} changed after it was read`, options);
  }
}

/** A zone that the zone map names and Azure does not have. */
export class ZoneMissingError extends Error {
  override readonly name = 'ZoneMissingError';
  constructor(zone: string, options?: ErrorOptions) {
    super(
      `the private DNS zone ${zone} does not exist: create it, or correct forwardZone, reverseZones, zoneSubscriptionId or zoneResourceGroup in DNS_ZONE_MAP`,
      options,
    );
  }
}

/** Nothing can be said of the group yet; the event has to come again. A group that is being created is no fault. */
export class LiveStateUnknownError extends Error {
  override readonly name = 'LiveStateUnknownError';
  readonly isNotReady: boolean;
  constructor(group: string, live: Extract<LiveGroup, { kind: 'notReady' | 'unknown' }>) {
    const what = live.kind === 'notReady' ? 'is not ready' : 'is in an unknown state';
    super(`the container group ${group} ${what}: ${live.detail}; its records are left as they are`);
    this.isNotReady = live.kind === 'notReady';
  }
}

/** Another live container group owns a record set that this one needs. */
export class OwnershipConflictError extends Error {
  override readonly name = 'OwnershipConflictError';
  readonly blocked: BlockedRecordSet;
  readonly owner: ContainerGroupId;
  readonly contender: ContainerGroupId;
  constructor(blocked: BlockedRecordSet, owner: ContainerGroupId, contender: ContainerGroupId) {
    const recordSet = recordSetId(blocked.recordSet.key);
    super(
      `the record set ${recordSet} belongs to the live container group ${owner.key}; ${contender.key} does not get it`,
    );
    this.blocked = blocked;
    this.owner = owner;
    this.contender = contender;
  }
}

/** The container group changed while its records were written. */
export class GroupChangedError extends Error {
  override readonly name = 'GroupChangedError';
  constructor(group: string) {
    super(`the container group ${group} changed while its records were written`);
  }
}

/** The records kept changing, or calls kept failing, for as long as one invocation may try. */
export class NotConvergedError extends Error {
  override readonly name = 'NotConvergedError';
  constructor(group: string, attempts: number, options: ErrorOptions) {
    super(
      `the records of ${group} are not right after ${attempts} attempts; the event has to come again`,
      options,
    );
  }
}

/** What has to be done later could not be put on the queue, so the invocation must not succeed. */
export class RequeueError extends Error {
  override readonly name = 'DeferralError';
  constructor(group: string, options: ErrorOptions) {
    super(
      `the container group ${group} could not be put on the deferral queue: check DEFERRAL or AzureWebJobsStorage`,
      options,
    );
  }
}
