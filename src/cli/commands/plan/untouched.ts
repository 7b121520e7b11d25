import type { Preview } from '../../../dns/dry-run.ts';
import { ownershipOf } from '../../../dns/ownership.ts';
import type { BlockedRecordSet } from '../../../dns/plan.ts';
import { type ObservedRecordSet, recordSetId } from '../../../dns/record-set.ts';

/** A record set that a plan looked at and leaves as it is. */
interface Untouched {
  readonly recordSet: ObservedRecordSet;
  /** Whether it is in the way of a record that should be there. */
  readonly isBlocked: boolean;
  readonly why: string;
}

/**
 * | record set                        | why it is left alone                                   |
 * |-----------------------------------|--------------------------------------------------------|
 * | in the way: of another live group | `it belongs to the live container group …`             |
 * | in the way: without a mark        | `it carries no mark …, and DNS_FOREIGN_RECORDS is refuse` |
 * | the platform's                    | `the platform registered it for a virtual machine`     |
 * | marked as another group's         | `it is marked as that of …`                            |
 * | without a mark                    | `it carries no mark of evenkeel and does not name the group` |
 * | ours                              | `it is right`                                          |
 */
export function unchangedRecordSets({ input, changes, blocked }: Preview): Untouched[] {
  const changed = new Set(
    changes.map((change) => recordSetId(change.action === 'create' ? change.key : change.from.key)),
  );
  const { a, ptr, old, groupKey } = input;
  const observed = new Map<string, ObservedRecordSet>();
  for (const slot of [a, ptr, ...old]) {
    if (slot?.observed !== undefined) observed.set(recordSetId(slot.key), slot.observed);
  }
  return [...observed].flatMap(([id, recordSet]) => {
    if (changed.has(id)) return [];
    const blockedSet = blocked.find((one) => recordSetId(one.recordSet.key) === id);
    return [
      { recordSet, isBlocked: blockedSet !== undefined, why: reasonOf(recordSet, blockedSet, groupKey) },
    ];
  });
}

function reasonOf(
  recordSet: ObservedRecordSet,
  blocked: BlockedRecordSet | undefined,
  groupKey: string,
): string {
  const ownership = ownershipOf(recordSet, groupKey);
  switch (ownership.kind) {
    case 'platform':
      return 'the platform registered it for a virtual machine';
    case 'other':
      return blocked === undefined
        ? `it is marked as that of ${ownership.owner.key}`
        : `it belongs to the live container group ${ownership.owner.key}`;
    case 'foreign':
      return blocked === undefined
        ? 'it carries no mark of evenkeel and does not name the group'
        : 'it carries no mark of evenkeel, and DNS_FOREIGN_RECORDS is refuse';
    case 'ours':
      return 'it is right';
  }
}
