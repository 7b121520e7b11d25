import type { Deadline } from '../lib/deadline.ts';
import type { KnownGroup } from './container-group.ts';
import { type ObservePorts, observe, type Subject } from './observe.ts';
import { type Change, type Obstacle, planChanges, type Situation } from './plan.ts';
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
  readonly obstacles: readonly Obstacle[];
  readonly situation: Situation;
  /** The live address, where no reverse zone of the zone map covers it although there are some. */
  readonly uncoveredAddress: string | undefined;
}

/**
 * Observes and plans once, as a reconcile does, and writes nothing.
 * @throws {LiveStateUnknownError} when nothing can be said of the group; every other error is that of a call.
 */
export async function preview(
  subject: Omit<Subject, 'carried'>,
  ports: PreviewPorts,
  deadline: Deadline,
): Promise<Preview> {
  const { live, situation } = await observe({ ...subject, carried: new Set() }, ports, deadline);
  const { address } = situation;
  const { reverseZones } = subject.spoke;
  const isUncovered =
    address !== undefined && reverseZones.length > 0 && reverseRecordOf(subject.spoke, address) === undefined;
  return {
    live,
    ...planChanges(situation),
    situation,
    uncoveredAddress: isUncovered ? address : undefined,
  };
}
