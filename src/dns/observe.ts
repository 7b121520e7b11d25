import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { hasClaim } from './claims.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { aRecordSetKey, ptrRecordSetKey } from './desired.ts';
import { LiveStateUnknownError, ZoneMissingError } from './errors.ts';
import { ownershipOf } from './ownership.ts';
import {
  blockedAt,
  type ForeignRecords,
  namesHost,
  type PlanInput,
  type Slot,
  type UnreadSlot,
} from './plan.ts';
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
 * Forward never waits for reverse: a PTR record set that cannot be read, or whose owner cannot, is part of the
 * observation. Only A, the group and the owner of A stop everything.
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
  throwIfDoubtful(group, live, a);
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
    unread: [],
    touched: [],
    claimed: claimedSets([claimOnA]),
    now: ports.clock.now(),
  };
  if (address !== undefined && blockedAt(a, address, input) !== undefined) return { live, input, known: [] };

  // Where another group's name was ours all along, its address may still have a PTR that names the host.
  const { formerOwner } = claimOnA;
  const alsoOld = [...touched, ...(formerOwner?.kind === 'addressed' ? [formerOwner.address] : [])];
  const known = [...new Set([...addressesOf(a, input), ...alsoOld])].filter((old) => old !== address);
  const candidates = [...new Set([...known, ...target.hints])].filter((old) => old !== address);

  /** A PTR record set that is written or cleaned, with the claim of its owner. */
  const readPtr = async (one: string): Promise<ReversePlace | undefined> => {
    const key = ptrRecordSetKey(spoke, one);
    if (key === undefined) return undefined;
    try {
      const slot = await readSlot(key, ports, deadline);
      const isNeeded = one === address || namesHost(slot.observed, input.hostName);
      return { slot, claim: isNeeded ? await readClaim(slot) : noClaim };
    } catch (error) {
      // A zone that does not exist holds nothing that would have to be removed.
      if (address === undefined && error instanceof ZoneMissingError) return undefined;
      return { key, error };
    }
  };
  const [ptr, old] = await Promise.all([
    address === undefined ? undefined : readPtr(address),
    Promise.all(candidates.map(readPtr)),
  ]);
  const places = [ptr, ...old].filter((place) => place !== undefined);
  const slots = old.flatMap((place) => (place !== undefined && 'slot' in place ? place.slot : []));
  return {
    live,
    input: {
      ...input,
      ptr: ptr !== undefined && 'slot' in ptr ? ptr.slot : undefined,
      old: slots,
      unread: places.flatMap((place) => ('error' in place ? place : [])),
      touched: alsoOld,
      claimed: claimedSets([claimOnA, ...places.flatMap((place) => ('claim' in place ? place.claim : []))]),
      now: ports.clock.now(),
    },
    known,
  };
}

type ReversePlace = { readonly slot: Slot; readonly claim: Claim } | UnreadSlot;

/**
 * A group that answers as if it were in no network, and has an A record set of ours, had an address: what the answer
 * leaves out is not gone.
 * @throws {LiveStateUnknownError}
 */
export function throwIfDoubtful(group: ContainerGroupId, live: KnownGroup, a: Slot): void {
  if (live.kind !== 'unaddressed' || live.reason !== 'noNetwork' || a.observed === undefined) return;
  if (ownershipOf(a.observed, group.key).kind !== 'ours') return;
  const detail = 'it shows no address and no network, although it has an A record set';
  throw new LiveStateUnknownError(group.key, { kind: 'unknown', detail });
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
