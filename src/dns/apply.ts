import type { Deadline } from '../lib/deadline.ts';
import { RefusedCallError } from '../lib/errors.ts';
import { type Change, keyOf } from './change.ts';
import { RecordSetChangedError } from './errors.ts';
import type { RecordSetWriter } from './ports.ts';
import { zoneId } from './record-set.ts';

/**
 * Writes the changes in their order. A failure at one PTR record set holds up no other, but for those of its zone where
 * the zone is the reason.
 *
 * | failure                      | what is still written                                   |
 * |------------------------------|---------------------------------------------------------|
 * | at A                         | nothing: a PTR that names us may only follow A          |
 * | a lost race at a PTR         | nothing: the next attempt goes by what is there then    |
 * | at a PTR, by its zone        | record sets of other zones, and never the removal of A  |
 * | at a PTR, by itself          | the others, and never the removal of A                  |
 *
 * @returns the failures at PTR record sets, in their order.
 * @throws the failure at A.
 */
export async function applyChanges(
  changes: readonly Change[],
  recordSets: RecordSetWriter,
  deadline: Deadline,
  onApplied: (change: Change) => void,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const failingZones = new Set<string>();
  for (const change of changes) {
    const { type, zone } = keyOf(change);
    // A goes last in a removal, because only A knows the PTR record sets that are left.
    if (type === 'A' && failures.length > 0) break;
    if (failingZones.has(zoneId(zone))) continue;
    try {
      await applyChange(change, recordSets, deadline);
      onApplied(change);
    } catch (error) {
      if (type === 'A') throw error;
      failures.push(error);
      if (error instanceof RecordSetChangedError) break;
      if (!(error instanceof RefusedCallError)) failingZones.add(zoneId(zone));
    }
  }
  return failures;
}

/**
 * Writes one change on the condition that the record set is still as the plan saw it.
 * @throws {RecordSetChangedError} when it is not.
 */
function applyChange(change: Change, recordSets: RecordSetWriter, deadline: Deadline): Promise<void> {
  switch (change.action) {
    case 'create':
      return recordSets.create(change.key, change.to, deadline);
    case 'update':
      return recordSets.update(change.from, change.to, deadline);
    case 'delete':
      return recordSets.delete(change.from, deadline);
  }
}
