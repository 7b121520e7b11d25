import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { hasClaim } from './claims.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { aRecordSetKey, ptrRecordSetKey } from './desired.ts';
import { LiveStateUnknownError } from './errors.ts';
import { ownershipOf } from './ownership.ts';
import { blockedAt, type ForeignRecords, namesHost, type PlanInput, type Slot } from './plan.ts';
import type { ContainerGroupReader, RecordSetReader } from './ports.ts';
import { previousAddresses } from './previous-addresses.ts';
import { fullName, type RecordSetKey, recordSetId } from './record-set.ts';
import type { Spoke, ZoneMap } from './zone-map.ts';

export interface ObservePorts {
  readonly containerGroups: ContainerGroupReader;
  readonly recordSets: RecordSetReader;
  readonly clock: Pick<Clock, 'now'>;
}

/** The container group whose record sets are to be made right, and the settings that say what right is. */
export interface ReconcileTarget {
  readonly group: ContainerGroupId;
  readonly spoke: Spoke;
  readonly zones: ZoneMap;
  readonly foreignRecords: ForeignRecords;
  /** Addresses whose PTR may name the group, as an event says; verified, never remembered. */
  readonly hints: readonly string[];
}

interface Observation {
  readonly live: KnownGroup;
  readonly input: PlanInput;
  /** The old addresses that are more than a hint. */
  readonly known: readonly string[];
}

/**
 * Reads, in the order that convergence rests on: the A record set *before* the live group, so that a write of A
 * that succeeds on the ETag read here never carries an older observation than the one it replaces.
 *
 * Calls: A, the group, the PTR of its address, one for each old address, one for each other owner.
 *
 * @param touched addresses that earlier attempts of the same invocation wrote for.
 */
export async function observe(
  target: ReconcileTarget,
  touched: readonly string[],
  ports: ObservePorts,
  deadline: Deadline,
): Promise<Observation> {
  const { group, spoke, foreignRecords } = target;
  const a = await readSlot(aRecordSetKey(spoke, group), ports, deadline);
  const live = await readKnown(group, ports, deadline);
  const address = live.kind === 'addressed' ? live.address : undefined;

  // A group without an address claims nothing, so nobody else's claim matters.
  const readClaim = address === undefined ? async () => noClaim : claimReader(target, live, ports, deadline);
  const claimOnA = await readClaim(a);
  const input: PlanInput = {
    groupKey: group.key,
    hostName: fullName(a.key),
    address,
    ttlSeconds: spoke.ttlSeconds,
    foreignRecords,
    a,
    ptr: undefined,
    old: [],
    touched: [],
    claimed: claimedSets([claimOnA]),
    now: ports.clock.now(),
  };
  if (address !== undefined && blockedAt(a, input) !== undefined) return { live, input, known: [] };

  // Where another group's name was ours all along, its address may still have a PTR that names the host.
  const { formerOwner } = claimOnA;
  const alsoOld = [...touched, ...(formerOwner?.kind === 'addressed' ? [formerOwner.address] : [])];
  const known = [...new Set([...addressesOf(a, input), ...alsoOld])].filter((old) => old !== address);
  const candidates = [...new Set([...known, ...target.hints])].filter((old) => old !== address);
  const [ptr, ...old] = await Promise.all(
    [address, ...candidates].map((one) => readPtrSlot(spoke, one, ports, deadline)),
  );
  const slots = old.filter((slot) => slot !== undefined);
  const needed = [ptr, ...slots.filter((slot) => namesHost(slot.observed, input.hostName))];
  const claims = await Promise.all(needed.map((slot) => (slot === undefined ? noClaim : readClaim(slot))));
  return {
    live,
    input: {
      ...input,
      ptr,
      old: slots,
      touched: alsoOld,
      claimed: claimedSets([claimOnA, ...claims]),
      now: ports.clock.now(),
    },
    known,
  };
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

export const readSlot = async (
  key: RecordSetKey,
  { recordSets }: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<Slot> => ({ key, observed: await recordSets.read(key, deadline) });

/** @returns `undefined` without an address, and when no reverse zone of the spoke covers it. */
export async function readPtrSlot(
  spoke: Spoke,
  address: string | undefined,
  ports: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<Slot | undefined> {
  const key = address === undefined ? undefined : ptrRecordSetKey(spoke, address);
  return key && readSlot(key, ports, deadline);
}

/** What A points at and pointed at before, unless A is somebody else's business. */
function addressesOf({ observed }: Slot, { address, groupKey, now }: PlanInput): string[] {
  if (observed === undefined) return [];
  const { kind } = ownershipOf(observed, groupKey);
  if (kind === 'platform' || (kind === 'other' && address === undefined)) return [];
  return [...observed.values, ...previousAddresses(observed.metadata, now).map((entry) => entry.address)];
}

/** What another group has to do with a record set. */
interface Claim {
  /** The group that the record set names as its owner; `undefined` when that is no other group. */
  readonly formerOwner: KnownGroup | undefined;
  /** The ARM id of the record set, when that group may keep it. */
  readonly claimedSet: string | undefined;
}

const noClaim: Claim = { formerOwner: undefined, claimedSet: undefined };

const claimedSets = (claims: readonly Claim[]): ReadonlySet<string> =>
  new Set(claims.flatMap(({ claimedSet }) => claimedSet ?? []));

/** Several record sets may name the same owner; it is read once. */
function claimReader(
  { group, zones }: ReconcileTarget,
  live: KnownGroup,
  ports: Pick<ObservePorts, 'containerGroups'>,
  deadline: Deadline,
): (slot: Slot) => Promise<Claim> {
  const reads = new Map<string, Promise<KnownGroup>>();
  const readOwner = (owner: ContainerGroupId): Promise<KnownGroup> => {
    const read = reads.get(owner.key) ?? readKnown(owner, ports, deadline);
    reads.set(owner.key, read);
    return read;
  };
  return async ({ key, observed }) => {
    if (observed === undefined) return noClaim;
    const ownership = ownershipOf(observed, group.key);
    if (ownership.kind !== 'other') return noClaim;
    const formerOwner = await readOwner(ownership.owner);
    const isClaimed = hasClaim({ id: ownership.owner, live: formerOwner }, { id: group, live }, key, zones);
    return { formerOwner, claimedSet: isClaimed ? recordSetId(key) : undefined };
  };
}
