import type { Deadline } from '../lib/deadline.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { isUsableHostName, ptrRecordSetKey } from './desired.ts';
import { normalizedName } from './names.ts';
import { type ObservePorts, readForward, readSlot } from './observe-forward.ts';
import type { Slot } from './plan.ts';
import { fullName } from './record-set.ts';
import type { Spoke } from './zone-map.ts';

/** How a container group and its records compare, whatever else is known of them. */
export type DriftFinding = 'first_seen' | 'no_change' | 'drift_detected' | 'ptr_missing' | 'ptr_differs';

interface DriftObservation {
  readonly live: KnownGroup;
  readonly hostName: string;
  readonly a: Slot;
  /** The PTR of the live address; `undefined` when there is no address or no reverse zone covers it. */
  readonly ptr: Slot | undefined;
}

/**
 * The first row that fits; what a workload notices first comes first.
 *
 * | live address | A record set          | PTR of the live address | finding        |
 * |--------------|-----------------------|-------------------------|----------------|
 * | some         | absent or empty       | any                     | first_seen     |
 * | some         | another address, more | any                     | drift_detected |
 * | some         | the address           | absent or empty         | ptr_missing    |
 * | some         | the address           | another name, more      | ptr_differs    |
 * | some         | the address           | the name; not covered   | no_change      |
 * | none         | some address          | –                       | drift_detected |
 * | none         | absent or empty       | –                       | no_change      |
 */
export function findDrift({ live, hostName, a, ptr }: DriftObservation): DriftFinding {
  const recorded = a.observed?.values ?? [];
  if (live.kind === 'unaddressed') return recorded.length === 0 ? 'no_change' : 'drift_detected';
  if (recorded.length === 0) return 'first_seen';
  if (recorded.length > 1 || recorded[0] !== live.address) return 'drift_detected';
  if (ptr === undefined) return 'no_change';
  const [name, ...more] = ptr.observed?.values ?? [];
  if (name === undefined) return 'ptr_missing';
  return more.length === 0 && normalizedName(name) === hostName ? 'no_change' : 'ptr_differs';
}

/** One comparison of a container group with its records; nothing is changed by it. */
interface DriftReport {
  readonly finding: DriftFinding;
  readonly hostname: string;
  readonly zone: string;
  readonly liveAddress: string | null;
  /** What A points at, comma-separated where it is more than one address. */
  readonly recordAddress: string | null;
  /** The finding goes by A alone. */
  readonly isPtrUnread: boolean;
  /** The group has an address, and its host name is not usable: it gets no record sets. */
  readonly isNameUnusable: boolean;
}

/**
 * Three reads: A, the group, the PTR of its address. The ports have no way to write. Where the PTR cannot be read, the
 * finding goes by A alone.
 * @throws {LiveStateUnknownError} when nothing can be said of the group.
 */
export async function trackDrift(
  group: ContainerGroupId,
  spoke: Spoke,
  ports: Omit<ObservePorts, 'clock'>,
  deadline: Deadline,
): Promise<DriftReport> {
  const { hostName, a, live } = await readForward(group, spoke, ports, deadline);
  const liveAddress = live.kind === 'addressed' ? live.address : null;
  const ptrKey = liveAddress === null ? undefined : ptrRecordSetKey(spoke, liveAddress);
  const ptr = ptrKey && (await readSlot(ptrKey, ports, deadline).catch(() => 'unread' as const));
  return {
    finding: findDrift({ live, hostName: fullName(a.key), a, ptr: ptr === 'unread' ? undefined : ptr }),
    isPtrUnread: ptr === 'unread',
    isNameUnusable: live.kind === 'addressed' && !isUsableHostName(spoke, hostName),
    hostname: hostName,
    zone: spoke.forwardZone.name,
    liveAddress,
    recordAddress: a.observed?.values.join(',') || null,
  };
}
