import type { Deadline } from '../lib/deadline.ts';
import type { Change } from './change.ts';
import type { KnownGroup } from './container-group.ts';
import { uncoveredBy } from './desired.ts';
import { observe, type ReconcileTarget } from './observe.ts';
import type { ObservePorts } from './observe-forward.ts';
import { type BlockedRecordSet, type PlanInput, planChanges, type UnreadSlot } from './plan.ts';
import type { RecordSetReader, RecordSetWriter } from './ports.ts';

/** Ports that can write do not fit in here. */
export interface DryRunPorts extends ObservePorts {
  readonly recordSets: RecordSetReader & { readonly [Method in keyof RecordSetWriter]?: never };
}

/** What a reconcile would do now. */
export interface DryRun {
  readonly live: KnownGroup;
  /** Changes in the order in which they would be written. */
  readonly changes: readonly Change[];
  readonly blocked: readonly BlockedRecordSet[];
  /** PTR record sets that could not be read: what becomes of them is not known. */
  readonly unread: readonly UnreadSlot[];
  readonly input: PlanInput;
  /** The live address, where no reverse zone of the zone map covers it although there are some. */
  readonly uncoveredAddress: string | undefined;
  /** The host name that the group should have, when it is not usable. */
  readonly unusableName: string | undefined;
}

/**
 * Observes and plans once, as a reconcile does, and writes nothing.
 * @throws {LiveStateUnknownError} when nothing can be said of the group; every other error is that of a call.
 */
export async function dryRun(
  target: ReconcileTarget,
  ports: DryRunPorts,
  deadline: Deadline,
): Promise<DryRun> {
  const { live, input, unusableName } = await observe(target, [], ports, deadline);
  const { changes, blocked } = planChanges(input);
  return {
    live,
    changes,
    blocked,
    unread: input.unread,
    input,
    uncoveredAddress: uncoveredBy(target.spoke, input.address),
    unusableName,
  };
}
