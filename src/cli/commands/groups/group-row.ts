import type { InventoryGroup } from '../../../dns/audit/inventory.ts';
import { aRecordSetKey, isUsableHostName } from '../../../dns/desired.ts';
import { ownershipOf } from '../../../dns/ownership.ts';
import { fullName, type ObservedRecordSet, type RecordSetKey } from '../../../dns/record-set.ts';
import type { Spoke } from '../../../dns/zone-map.ts';

/** A container group beside its A record set. */
export interface GroupRow {
  /** ARM id, in lower case. */
  readonly containerGroup: string;
  /** The key of the zone map. */
  readonly spoke: string;
  /** The name that a resolver asks for; `null` where the group can have none. */
  readonly hostName: string | null;
  /** `null`: it has none. */
  readonly liveAddress: string | null;
  /** Comma-separated where there are several; `null`: none, or not read. */
  readonly recordAddress: string | null;
  readonly state: GroupState;
}

export type GroupState = 'right' | 'missing' | 'differs' | 'leftOver' | 'notNeeded' | 'unknown';

/** The A record set of a group, or that it could not be read. */
export type RecordReading = ObservedRecordSet | undefined | 'unread';

/** Where the A record set of a group belongs; `undefined` where its name is not usable. */
export const recordKeyOf = (group: InventoryGroup, spoke: Spoke): RecordSetKey | undefined =>
  isUsableHostName(spoke, group.hostName) ? aRecordSetKey(spoke, group.hostName) : undefined;

export function groupRow(group: InventoryGroup, spoke: Spoke, record: RecordReading): GroupRow {
  const key = recordKeyOf(group, spoke);
  const values = record === 'unread' || record === undefined ? [] : record.values;
  return {
    containerGroup: group.id.key,
    spoke: spoke.key,
    hostName: key === undefined ? null : fullName(key),
    liveAddress: group.address ?? null,
    recordAddress: values.join(',') || null,
    state: key === undefined ? 'notNeeded' : stateOf(group, record),
  };
}

/**
 * | the group has      | the A record set             | state       |
 * |--------------------|------------------------------|-------------|
 * | nobody can say     | any                          | `unknown`   |
 * | any                | could not be read            | `unknown`   |
 * | an address         | has just that                | `right`     |
 * | an address         | is not there                 | `missing`   |
 * | an address         | has another, or several      | `differs`   |
 * | no address         | is the group's               | `leftOver`  |
 * | no address         | is not there, or another's   | `notNeeded` |
 */
function stateOf({ id, address }: InventoryGroup, record: RecordReading): GroupState {
  if (address === undefined || record === 'unread') return 'unknown';
  if (address === null) {
    return record !== undefined && ownershipOf(record, id.key).kind === 'ours' ? 'leftOver' : 'notNeeded';
  }
  if (record === undefined) return 'missing';
  return record.values.length === 1 && record.values[0] === address ? 'right' : 'differs';
}

/** Whether somebody has to know of it. */
export const isWrong = ({ state }: GroupRow): boolean => state !== 'right' && state !== 'notNeeded';
