import type { ContainerGroupId } from '../container-group-id.ts';
import type { Deadline } from '../lib/deadline.ts';
import { type DriftFinding, findDrift } from './drift.ts';
import { type ObservePorts, readKnown, readPtr } from './observe.ts';
import type { RecordSetKey } from './record-set.ts';
import type { Spoke } from './zone-map.ts';

/** One look at a container group and its records; nothing is changed by it. */
interface DriftReport {
  readonly finding: DriftFinding;
  readonly hostname: string;
  readonly zone: string;
  readonly liveAddress: string | null;
  /** What A points at, comma-separated where it is more than one address. */
  readonly recordAddress: string | null;
}

/**
 * Three reads: A, the group, the PTR of its address. The ports have no way to write.
 * @throws {LiveStateUnknownError} when nothing can be said of the group.
 */
export async function trackDrift(
  group: ContainerGroupId,
  spoke: Spoke,
  ports: Omit<ObservePorts, 'clock'>,
  deadline: Deadline,
): Promise<DriftReport> {
  const hostname = group.name.toLowerCase();
  const key: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name: hostname };
  const a = { key, observed: await ports.recordSets.read(key, deadline) };
  const live = await readKnown(group, ports, deadline);
  const liveAddress = live.kind === 'addressed' ? live.address : null;
  const ptr = liveAddress === null ? undefined : await readPtr(spoke, liveAddress, ports, deadline);
  return {
    finding: findDrift({ live, hostName: `${hostname}.${spoke.forwardZone.name}`, a, ptr }),
    hostname,
    zone: spoke.forwardZone.name,
    liveAddress,
    recordAddress: a.observed?.values.join(',') || null,
  };
}
