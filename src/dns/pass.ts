import { applyChange } from './apply.ts';
import type { Attribution } from './deferral.ts';
import { GroupChangedError } from './errors.ts';
import { asksForSameRecords, type KnownGroup } from './live-group.ts';
import { ownershipOf, stampOf } from './mark.ts';
import { type ObservePorts, observe, readKnown, type Subject } from './observe.ts';
import { type Change, type Obstacle, planChanges, type Situation } from './plan.ts';
import type { Deadline, Deferrals, RecordSetReader, RecordSetWriter } from './ports.ts';

export interface PassPorts extends ObservePorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  /** `undefined` where there is no queue. */
  readonly deferrals: Deferrals | undefined;
}

/** What is known of a container group when a round begins; rounds of one invocation add to it. */
export interface Course extends Subject {
  readonly attribution: Attribution;
  readonly carried: Set<string>;
  /** Each change that took effect, in order. */
  readonly applied: Change[];
}

export interface Pass {
  readonly live: KnownGroup;
  readonly obstacles: readonly Obstacle[];
  /** Whether the addresses of a removal should be looked at again although there is no queue to say so. */
  readonly lacksRecheck: boolean;
}

/** An invocation's longest life, with room for clocks that differ: until then its PTR may still be written. */
export const inFlightMs = 2 * 60 * 1000;

/**
 * Observes, plans and applies once. After any write the group is read again: what was written is right only if
 * the group is still as it was when the writing began.
 *
 * @throws {GroupChangedError} when it is not; every other error is that of a call.
 */
export async function runPass(course: Course, ports: PassPorts, deadline: Deadline): Promise<Pass> {
  const { live, situation, known } = await observe(course, ports, deadline);
  const { changes, obstacles } = planChanges(situation);
  if (changes.length === 0) return { live, obstacles, lacksRecheck: false };

  for (const address of known) course.carried.add(address);
  if (live.kind === 'addressed') course.carried.add(live.address);
  const isRecheckDue = live.kind === 'unaddressed' && mayStillBeWritten(situation);
  if (isRecheckDue) {
    // Before the memory of these addresses goes, somebody has to be sure to look at them again.
    const { group, attribution } = course;
    await ports.deferrals?.defer({ group, addresses: known, attribution }, inFlightMs);
  }
  for (const change of changes) {
    await applyChange(change, ports.recordSets, deadline);
    course.applied.push(change);
  }
  const after = await readKnown(course.group, ports, deadline);
  if (!asksForSameRecords(live, after)) throw new GroupChangedError(course.group.key);
  return { live, obstacles, lacksRecheck: isRecheckDue && ports.deferrals === undefined };
}

/** Whether another invocation, that stamped A moments ago, may be about to write the PTR of its address. */
function mayStillBeWritten({ a, now, groupKey }: Situation): boolean {
  if (a.observed === undefined || ownershipOf(a.observed, groupKey).kind !== 'ours') return false;
  const stamp = stampOf(a.observed.metadata);
  // Ours without a readable stamp was tampered with, which tells nothing of its age.
  return stamp === undefined || now.getTime() - stamp.getTime() < inFlightMs;
}
