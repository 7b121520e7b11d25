import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { hasClaim } from './claims.ts';
import type { ContainerGroupId, KnownGroup, LiveGroup } from './container-group.ts';
import { LiveStateUnknownError } from './errors.ts';
import { ownershipOf, previousAddresses } from './ownership.ts';
import { blockedAt, type ForeignRecords, namesHost, type PlanInput, type Slot } from './plan.ts';
import type { ContainerGroupReader, RecordSetReader } from './ports.ts';
import { fullName, type ObservedRecordSet, type RecordSetKey, recordSetId } from './record-set.ts';
import { reverseRecordOf, type Spoke, type ZoneMap } from './zone-map.ts';

export interface ObservePorts {
  readonly containerGroups: ContainerGroupReader;
  readonly recordSets: RecordSetReader;
  readonly clock: Pick<Clock, 'now'>;
}

/** What a look at a container group needs to know beforehand. */
export interface ReconcileTarget {
  readonly group: ContainerGroupId;
  readonly spoke: Spoke;
  readonly zones: ZoneMap;
  readonly foreignRecords: ForeignRecords;
  /** Addresses whose PTR may name the group, as an event says; verified, never remembered. */
  readonly hints: readonly string[];
  /** Addresses that earlier rounds of the same invocation had to do with. */
  readonly carried: ReadonlySet<string>;
}

interface Observation {
  readonly live: KnownGroup;
  readonly input: PlanInput;
  /** The old addresses that are more than a hint: they go with the group into the next round. */
  readonly known: readonly string[];
}

/**
 * Reads, in the order that convergence rests on: the A record set *before* the live group, so that a write of A
 * that succeeds on the ETag read here never carries an older observation than the one it replaces.
 *
 * Calls: A, the group, the PTR of its address, one for each old address, one for each other owner.
 */
export async function observe(
  subject: ReconcileTarget,
  ports: ObservePorts,
  deadline: Deadline,
): Promise<Observation> {
  const { group, spoke, foreignRecords } = subject;
  const aKey: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name: group.name.toLowerCase() };
  const a: Slot = { key: aKey, observed: await ports.recordSets.read(aKey, deadline) };
  const live = await readKnown(group, ports, deadline);
  const address = live.kind === 'addressed' ? live.address : undefined;

  const owners = ownerReader(ports, deadline);
  const claimed = new Set<string>();
  const claims = async (set: ObservedRecordSet): Promise<LiveGroup | undefined> => {
    const ownership = ownershipOf(set, group.key);
    if (ownership.kind !== 'other') return undefined;
    const owner = { id: ownership.owner, live: await owners(ownership.owner) };
    if (hasClaim(owner, { id: group, live }, set.key, subject.zones)) claimed.add(recordSetId(set.key));
    return owner.live;
  };
  const input: PlanInput = {
    groupKey: group.key,
    hostName: fullName(aKey),
    address,
    ttlSeconds: spoke.ttlSeconds,
    foreignRecords,
    a,
    ptr: undefined,
    old: [],
    carried: [],
    claimed,
    now: ports.clock.now(),
  };

  const formerOwner =
    a.observed !== undefined && address !== undefined ? await claims(a.observed) : undefined;
  if (address !== undefined && blockedAt(a, input) !== undefined) return { live, input, known: [] };

  // Where another group's name was ours all along, its address may still have a PTR that names the host.
  const carried = [...subject.carried, ...(formerOwner?.kind === 'addressed' ? [formerOwner.address] : [])];
  const known = [...new Set([...addressesOf(a, input), ...carried])].filter((old) => old !== address);
  const old = [...new Set([...known, ...subject.hints])].filter((candidate) => candidate !== address);
  const [ptr, oldSlots] = await Promise.all([
    address === undefined ? undefined : readPtr(spoke, address, ports, deadline),
    Promise.all(old.map((candidate) => readPtr(spoke, candidate, ports, deadline))),
  ]);
  const slots = oldSlots.filter((slot) => slot !== undefined);
  if (address !== undefined) {
    const needed = [ptr, ...slots.filter((slot) => namesHost(slot.observed, input.hostName))];
    await Promise.all(
      needed.map((slot) => (slot?.observed === undefined ? undefined : claims(slot.observed))),
    );
  }
  return { live, input: { ...input, ptr, old: slots, carried, now: ports.clock.now() }, known };
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

/** What A points at and remembers, unless A is somebody else's business. */
function addressesOf({ observed }: Slot, { address, groupKey, now }: PlanInput): string[] {
  if (observed === undefined) return [];
  const { kind } = ownershipOf(observed, groupKey);
  if (kind === 'platform' || (kind === 'other' && address === undefined)) return [];
  return [...observed.values, ...previousAddresses(observed.metadata, now).map((entry) => entry.address)];
}

/** `undefined` when no reverse zone of the spoke covers the address. */
export async function readPtr(
  spoke: Spoke,
  address: string,
  { recordSets }: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<Slot | undefined> {
  const place = reverseRecordOf(spoke, address);
  if (place === undefined) return undefined;
  const key: RecordSetKey = { ...place, type: 'PTR' };
  return { key, observed: await recordSets.read(key, deadline) };
}

/** Several record sets may name the same owner; it is read once. */
function ownerReader(ports: Pick<ObservePorts, 'containerGroups'>, deadline: Deadline) {
  const reads = new Map<string, Promise<KnownGroup>>();
  return (owner: ContainerGroupId): Promise<KnownGroup> => {
    const read = reads.get(owner.key) ?? readKnown(owner, ports, deadline);
    reads.set(owner.key, read);
    return read;
  };
}
