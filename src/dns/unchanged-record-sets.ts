import type { DryRun } from './dry-run.ts';
import { ownershipOf } from './ownership.ts';
import { type ObservedRecordSet, recordSetId } from './record-set.ts';

/** A record set that a plan looked at and does not change. */
interface UnchangedRecordSet {
  readonly recordSet: ObservedRecordSet;
  /** Whether it blocks a record that should be there. */
  readonly isBlocked: boolean;
  readonly reason: string;
}

/**
 * | record set                                  | reason                                                              |
 * |---------------------------------------------|---------------------------------------------------------------------|
 * | blocked: owned by another live group        | `it belongs to the live container group …`                          |
 * | blocked: without ownership metadata         | `it has no owner, and DNS_FOREIGN_RECORDS is refuse`                |
 * | registered by the platform                  | `the platform registered it for a virtual machine`                  |
 * | owned by another group                      | `it belongs to …`                                                   |
 * | without ownership metadata                  | `it has no owner and does not name the group`                       |
 * | ours                                        | `it is correct`                                                     |
 */
export function unchangedRecordSets({ input, changes, blocked }: DryRun): UnchangedRecordSet[] {
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
    const isBlocked = blocked.some((one) => recordSetId(one.recordSet.key) === id);
    return [{ recordSet, isBlocked, reason: reasonFor(recordSet, isBlocked, groupKey) }];
  });
}

function reasonFor(recordSet: ObservedRecordSet, isBlocked: boolean, groupKey: string): string {
  const ownership = ownershipOf(recordSet, groupKey);
  switch (ownership.kind) {
    case 'platform':
      return 'the platform registered it for a virtual machine';
    case 'other':
      return `it belongs to ${isBlocked ? 'the live container group ' : ''}${ownership.owner.key}`;
    case 'foreign':
      return isBlocked
        ? 'it has no owner, and DNS_FOREIGN_RECORDS is refuse'
        : 'it has no owner and does not name the group';
    case 'ours':
      return 'it is correct';
  }
}
