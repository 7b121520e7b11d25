import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { aRecordSetKey, hostNameOf, isUsableHostName } from './desired.ts';
import { GroupChangedError, LiveStateUnknownError } from './errors.ts';
import { ownershipOf } from './ownership.ts';
import type { Slot } from './plan.ts';
import type { ContainerGroupReader, RecordSetReader } from './ports.ts';
import type { RecordSetKey } from './record-set.ts';
import type { Spoke } from './zone-map.ts';

export interface ObservePorts {
  readonly containerGroups: ContainerGroupReader;
  readonly recordSets: RecordSetReader;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * The A record set, and then the live group. Where a tag gives the host name, the group is read before A as well, since
 * only it knows the tag.
 * @throws {GroupChangedError} when the tag changed in between.
 */
export async function readForward(
  group: ContainerGroupId,
  spoke: Spoke,
  ports: Omit<ObservePorts, 'clock'>,
  deadline: Deadline,
): Promise<{ readonly hostName: string; readonly a: Slot; readonly live: KnownGroup }> {
  const before = spoke.hostNameTag === undefined ? undefined : await readKnown(group, ports, deadline);
  const hostName = hostNameOf(spoke, group, before?.tags);
  const key = aRecordSetKey(spoke, hostName);
  // No record set is at a name that is none.
  const a = isUsableHostName(spoke, hostName)
    ? await readSlot(key, ports, deadline)
    : { key, observed: undefined };
  const live = await readKnown(group, ports, deadline);
  if (hostNameOf(spoke, group, live.tags) !== hostName) throw new GroupChangedError(group.key);
  throwIfDoubtful(group, live, a);
  return { hostName, a, live };
}

/** @throws {LiveStateUnknownError} when nothing can be said of the group. */
export async function readKnown(
  group: ContainerGroupId,
  { containerGroups }: Pick<ObservePorts, 'containerGroups'>,
  deadline: Deadline,
): Promise<KnownGroup> {
  const live = await containerGroups.read(group, deadline);
  if (live.kind === 'notReady' || live.kind === 'unknown') throw new LiveStateUnknownError(group.key, live);
  return live;
}

/**
 * A group that answers as if it were in no network, and has an A record set of ours, had an address: what the answer
 * leaves out is not gone.
 * @throws {LiveStateUnknownError}
 */
export function throwIfDoubtful(group: ContainerGroupId, live: KnownGroup, a: Slot): void {
  if (live.kind !== 'unaddressed' || live.reason !== 'noNetwork' || a.observed === undefined) return;
  if (!isOurs(a, group.key)) return;
  const detail = 'it shows no address and no network, although it has an A record set';
  throw new LiveStateUnknownError(group.key, { kind: 'unknown', detail });
}

export const readSlot = async (
  key: RecordSetKey,
  { recordSets }: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<Slot> => ({ key, observed: await recordSets.read(key, deadline) });

/** Whether a record set is there and carries the mark of a group. */
export const isOurs = ({ observed }: Slot, groupKey: string): boolean =>
  observed !== undefined && ownershipOf(observed, groupKey).kind === 'ours';
