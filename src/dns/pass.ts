import type { Deadline } from '../lib/deadline.ts';
import { applyChange } from './apply.ts';
import { asksForSameRecords, type KnownGroup } from './container-group.ts';
import { GroupChangedError } from './errors.ts';
import { type ObservePorts, observe, readKnown, type Subject } from './observe.ts';
import { type Change, type Obstacle, planChanges } from './plan.ts';
import type { Deferrals, RecordSetReader, RecordSetWriter } from './ports.ts';
import { inFlightMs, rechecksFor } from './rechecks.ts';
import type { Attribution } from './requeue.ts';

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
  /** Whether somebody should be looked at again soon although there is no queue to see to it. */
  readonly lacksRecheck: boolean;
}

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
  // Said before anything is written, so that a crash cannot forget it.
  const rechecks = rechecksFor(course.group, situation, changes, known);
  for (const { group, addresses } of rechecks) {
    const { attribution } = course;
    await ports.deferrals?.defer({ group, addresses, attribution }, inFlightMs);
  }
  for (const change of changes) {
    await applyChange(change, ports.recordSets, deadline);
    course.applied.push(change);
  }
  const after = await readKnown(course.group, ports, deadline);
  if (!asksForSameRecords(live, after)) throw new GroupChangedError(course.group.key);
  return { live, obstacles, lacksRecheck: rechecks.length > 0 && ports.deferrals === undefined };
}
