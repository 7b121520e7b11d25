import { type Change, keyOf } from './change.ts';
import type { BlockedRecordSet } from './plan.ts';

/** How a reconcile of one container group ended. */
export interface Outcome {
  readonly result: Result;
  /** Changes in the order in which they were written, over all attempts. */
  readonly changes: readonly Change[];
  /** Record sets that evenkeel may not write, and left alone. */
  readonly blocked: readonly BlockedRecordSet[];
  /** The live address, where no reverse zone of the zone map covers it although there are some. */
  readonly uncoveredAddress: string | undefined;
  /** The host name that the group should have, when it is not usable: then it gets no record sets. */
  readonly unusableName: string | undefined;
  /** A removal should be checked again soon, and there is no queue to see to it. */
  readonly lacksRecheck: boolean;
  /** Ms until the queue hands the group out again; only where the result is `deferred`. */
  readonly dueInMs: number | undefined;
  readonly attempts: number;
}

type Result = 'nothingToDo' | 'created' | 'updated' | 'removed' | 'refused' | 'deferred';

/** Whether any record set was changed for good. */
export const isRepair = (result: Result): boolean =>
  result === 'created' || result === 'updated' || result === 'removed';

/**
 * | changes                                      | blocked   | result      |
 * |----------------------------------------------|-----------|-------------|
 * | none                                         | none      | nothingToDo |
 * | none                                         | some      | refused     |
 * | the group has an address; A was created      | either    | created     |
 * | the group has an address; any others         | either    | updated     |
 * | the group has none                           | none      | removed     |
 *
 * `deferred` does not follow from changes: a quota stopped the reconcile, and the group is in the queue.
 */
export function resultOf(
  changes: readonly Change[],
  blocked: readonly BlockedRecordSet[],
  hasAddress: boolean,
): Result {
  if (changes.length === 0) return blocked.length === 0 ? 'nothingToDo' : 'refused';
  if (!hasAddress) return 'removed';
  const first = changes.find((change) => keyOf(change).type === 'A');
  return first?.action === 'create' ? 'created' : 'updated';
}
