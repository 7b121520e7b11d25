import type { ContainerGroupId } from '../container-group-id.ts';
import { type Signal, signalId } from '../signals/signal.ts';
import { ownershipOf } from './ownership.ts';
import type { Obstacle } from './plan.ts';
import { recordSetId } from './record-set.ts';

const type = 'evenkeel.dns.conflict';

/**
 * Tells who is in whose way. The record set's ETag tells one conflict from the next: as long as nobody writes the
 * set, it is the same conflict, however often an event brings us back to it.
 */
export function conflictSignal(contender: ContainerGroupId, { reason, recordSet }: Obstacle): Signal {
  const ownership = ownershipOf(recordSet, contender.key);
  const owner = ownership.kind === 'other' ? ownership.owner.key : null;
  const subject = recordSetId(recordSet.key);
  return {
    id: signalId(type, [contender.key, subject, owner ?? reason, recordSet.etag]),
    type,
    source: contender.key,
    subject,
    data: { reason, owner, contender: contender.key, recordSet: subject, values: recordSet.values },
  };
}
