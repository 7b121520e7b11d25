import type { Deadline } from '../lib/deadline.ts';
import type { Change } from './plan.ts';
import type { RecordSetWriter } from './ports.ts';

/**
 * Writes one change on the condition that the record set is still as the plan saw it.
 * @throws {RecordSetChangedError} when it is not.
 */
export function applyChange(change: Change, recordSets: RecordSetWriter, deadline: Deadline): Promise<void> {
  switch (change.action) {
    case 'create':
      return recordSets.create(change.key, change.to, deadline);
    case 'update':
      return recordSets.update(change.from, change.to, deadline);
    case 'delete':
      return recordSets.delete(change.from, deadline);
  }
}
