import type { Deadline } from '../lib/deadline.ts';
import type { KnownGroup } from './container-group.ts';
import { desiredRecordSets } from './desired.ts';
import { type ObservePorts, observe, type ReconcileTarget } from './observe.ts';
import { type BlockedRecordSet, type Change, type PlanInput, planChanges } from './plan.ts';
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
  readonly input: PlanInput;
  /** The live address, where no reverse zone of the zone map covers it although there are some. */
  readonly uncoveredAddress: string | undefined;
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
  const { live, input } = await observe(target, [], ports, deadline);
  const { changes, blocked } = planChanges(input);
  const { address } = input;
  const uncoveredAddress = address && desiredRecordSets(target.spoke, target.group, address).uncoveredAddress;
  return { live, changes, blocked, input, uncoveredAddress };
}
