import type { Deadline } from '../lib/deadline.ts';
import type { KnownGroup } from './container-group.ts';
import { type ObservePorts, observe, type ReconcileTarget } from './observe.ts';
import { type BlockedRecordSet, type Change, type PlanInput, planChanges } from './plan.ts';
import type { RecordSetReader, RecordSetWriter } from './ports.ts';
import { reverseRecordOf } from './zone-map.ts';

/** What can write does not fit in here. */
export interface PreviewPorts extends ObservePorts {
  readonly recordSets: RecordSetReader & { readonly [Method in keyof RecordSetWriter]?: never };
}

/** What a reconcile would do now. */
export interface Preview {
  readonly live: KnownGroup;
  /** In the order in which they would be written. */
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
export async function preview(
  subject: Omit<ReconcileTarget, 'carried'>,
  ports: PreviewPorts,
  deadline: Deadline,
): Promise<Preview> {
  const { live, input } = await observe({ ...subject, carried: new Set() }, ports, deadline);
  const { address } = input;
  const { reverseZones } = subject.spoke;
  const isUncovered =
    address !== undefined && reverseZones.length > 0 && reverseRecordOf(subject.spoke, address) === undefined;
  return {
    live,
    ...planChanges(input),
    input,
    uncoveredAddress: isUncovered ? address : undefined,
  };
}
