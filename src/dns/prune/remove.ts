import type { Clock } from '../../lib/clock.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { describeError, ThrottledError } from '../../lib/errors.ts';
import type { Change } from '../change.ts';
import type { ContainerGroupId } from '../container-group.ts';
import { RecordSetChangedError } from '../errors.ts';
import type { ContainerGroupReader, RecordSetWriter } from '../ports.ts';
import type { ObservedRecordSet } from '../record-set.ts';
import type { Prunable } from './find.ts';
import { type LeftRecordSet, planOwnerRemoval, pointersFirst, type RemovalPlan } from './plan-removal.ts';
import { ownerStateOf } from './prunable.ts';

interface PrunePorts {
  readonly containerGroups: ContainerGroupReader;
  readonly recordSets: RecordSetWriter;
  readonly clock: Clock;
}

/** What became of record sets that were to be removed. */
export interface Pruned {
  /** In the order in which they were written. */
  readonly changes: readonly Change[];
  readonly left: readonly LeftRecordSet[];
}

/**
 * Removes the record sets of owners one owner after the other, each write on the condition that the set is still as it
 * was found. An owner that was gone is read again first, since somebody may have thought about the list for a while.
 */
export async function removeRecordSets(
  { owners, unreadReverseZones }: Pick<Prunable, 'owners' | 'unreadReverseZones'>,
  ports: PrunePorts,
  deadline: Deadline,
): Promise<Pruned> {
  const changes: Change[] = [];
  const left: LeftRecordSet[] = [];
  for (const { owner, reason, recordSets } of owners) {
    const sets = recordSets.map(({ recordSet }) => recordSet);
    const objection = reason === 'gone' ? await objectionTo(owner, ports, deadline) : undefined;
    if (objection !== undefined) {
      left.push(...sets.map((recordSet) => ({ recordSet, reason: objection })));
      continue;
    }
    const now = ports.clock.now();
    const plan = planOwnerRemoval({ owner, recordSets: sets, unreadZones: unreadReverseZones, now });
    left.push(...plan.left);
    const applied = await applyInOrder(plan, ports, deadline);
    changes.push(...applied.changes);
    left.push(...applied.left);
  }
  return { changes, left };
}

/** Why the record sets of an owner that was gone have to stay; `undefined` when it is gone still. */
async function objectionTo(
  owner: ContainerGroupId,
  { containerGroups }: PrunePorts,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    const state = ownerStateOf(await containerGroups.read(owner, deadline));
    return state === 'gone' ? undefined : 'its container group is there again';
  } catch (error) {
    return describeError(error);
  }
}

/** A record set that cannot be removed holds up no other, but for the A record sets of its owner. */
async function applyInOrder(plan: RemovalPlan, ports: PrunePorts, deadline: Deadline): Promise<Pruned> {
  const changes: Change[] = [];
  const left: LeftRecordSet[] = [];
  const leave = (recordSet: ObservedRecordSet, reason: string) => left.push({ recordSet, reason });
  let isPointerLeft = false;
  for (const change of plan.changes) {
    const { from } = change;
    if (from.key.type === 'A' && isPointerLeft) {
      leave(from, pointersFirst);
      continue;
    }
    try {
      await patiently(() => apply(change, ports.recordSets, deadline), ports.clock, deadline);
      changes.push(change);
    } catch (error) {
      if (from.key.type === 'PTR') isPointerLeft = true;
      leave(from, error instanceof RecordSetChangedError ? 'it changed meanwhile' : describeError(error));
    }
  }
  return { changes, left };
}

const apply = (
  change: RemovalPlan['changes'][number],
  recordSets: RecordSetWriter,
  deadline: Deadline,
): Promise<void> =>
  change.action === 'delete'
    ? recordSets.delete(change.from, deadline)
    : recordSets.update(change.from, change.to, deadline);

/** Waits as long as a quota asks for, where there is time for it. */
async function patiently(write: () => Promise<void>, clock: Clock, deadline: Deadline): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ThrottledError) || deadline.remainingMs() <= error.retryAfterMs) throw error;
      await clock.sleep(error.retryAfterMs);
    }
  }
}
