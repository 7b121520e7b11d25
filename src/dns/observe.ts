import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { hasClaim } from './claims.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { aRecordSetKey, hostNameFromTag, hostNameOf, ptrRecordSetKey } from './desired.ts';
import { GroupChangedError, LiveStateUnknownError, ZoneMissingError } from './errors.ts';
import { isDnsLabel } from './names.ts';
import { ownershipOf } from './ownership.ts';
import {
  blockedAt,
  type ForeignRecords,
  namesHost,
  type PlanInput,
  type Slot,
  type UnreadSlot,
} from './plan.ts';
import type { DnsPolicy } from './policy.ts';
import type { ContainerGroupReader, RecordSetReader } from './ports.ts';
import { previousAddresses } from './previous-addresses.ts';
import { fullName, type RecordSetKey, recordSetId, zoneId } from './record-set.ts';
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
  readonly policy: DnsPolicy;
  /** Addresses whose PTR may name the group, as an event says; verified, never remembered. */
  readonly hints: readonly string[];
  /** Record sets of the group that are where none belongs, as an event says; verified. */
  readonly recordSets: readonly RecordSetKey[];
}

interface Observation {
  readonly live: KnownGroup;
  readonly input: PlanInput;
  /** The old addresses that are more than a hint. */
  readonly known: readonly string[];
  /** The host name that the group should have, when it is no DNS label: then it gets no record sets. */
  readonly unusableName: string | undefined;
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
  const { group, spoke, foreignRecords, policy } = target;
  const { hostName, a, live } = await readForward(group, spoke, ports, deadline);
  const isUsable = isDnsLabel(hostName);
  const address = live.kind === 'addressed' && isUsable ? live.address : undefined;
  const isNameFromTag =
    hostNameFromTag(spoke, live.kind === 'addressed' ? live.tags : undefined) !== undefined;

  // A group without an address claims nothing, so nobody else's claim matters.
  const readClaim = address === undefined ? async () => noClaim : claimReader(target, live, ports, deadline);
  const claimOnA = await readClaim(a);
  const input: PlanInput = {
    groupKey: group.key,
    hostName: fullName(a.key),
    formerHostNames: [],
    address,
    ttlSeconds: spoke.ttlSeconds,
    foreignRecords,
    // Whoever may tag a group is not thereby master of the zone.
    foreignRecordsAtA: isNameFromTag ? 'refuse' : foreignRecords,
    policy,
    a,
    ptr: undefined,
    old: [],
    misplaced: [],
    unread: [],
    touched: [],
    claimed: claimedSets([claimOnA]),
    // Read before the PTR record sets: a slow answer must not make a stamp look older than it was when A was read.
    now: ports.clock.now(),
  };
  const unusableName = live.kind === 'addressed' && !isUsable ? hostName : undefined;
  if (address !== undefined && blockedAt(a, address, input) !== undefined) {
    return { live, input, known: [], unusableName };
  }

  const ptrKeyOfLive = address === undefined ? undefined : ptrRecordSetKey(spoke, address);
  const ownPlaces = new Set([a.key, ...(ptrKeyOfLive === undefined ? [] : [ptrKeyOfLive])].map(recordSetId));
  const named = target.recordSets.filter((key) => !ownPlaces.has(recordSetId(key)));
  const namedPlaces = await Promise.all(named.map((key) => readOrUnread(key, ports, deadline)));
  const misplaced = namedPlaces.flatMap((place) =>
    'slot' in place && isOurs(place.slot, group.key) ? place.slot : [],
  );

  // Where another group's name was ours all along, its address may still have a PTR that names the host.
  const { formerOwner } = claimOnA;
  const alsoOld = [
    ...touched,
    ...(formerOwner?.kind === 'addressed' ? [formerOwner.address] : []),
    ...misplaced.filter(({ key }) => key.type === 'A').flatMap((slot) => addressesOf(slot, input)),
  ];
  const known = [...new Set([...addressesOf(a, input), ...alsoOld])].filter((old) => old !== address);
  const hostNames = [
    input.hostName,
    ...misplaced.filter(({ key }) => key.type === 'A').map(({ key }) => fullName(key)),
  ];
  const isMisplaced = new Set(misplaced.map(({ key }) => recordSetId(key)));
  const reverseZones = new Set(spoke.reverseZones.map((zone) => zoneId(zone).toLowerCase()));
  const oldPlaces = [
    ...[...new Set([...known, ...target.hints])]
      .filter((old) => old !== address)
      .flatMap((old) => ptrRecordSetKey(spoke, old) ?? []),
    // In a zone that is not the longest, no address leads to it.
    ...named.filter(({ zone, type }) => type === 'PTR' && reverseZones.has(zoneId(zone).toLowerCase())),
  ];
  // A named one that is not ours may still name us.
  const oldKeys = [...new Map(oldPlaces.map((key) => [recordSetId(key), key])).values()].filter(
    (key) => !isMisplaced.has(recordSetId(key)),
  );
  const alreadyRead = new Map(
    namedPlaces.map((place) => [recordSetId('slot' in place ? place.slot.key : place.key), place]),
  );

  /** A PTR record set that is written or cleaned, with the claim of its owner. */
  const readPtr = async (key: RecordSetKey): Promise<ReversePlace> => {
    const place = alreadyRead.get(recordSetId(key)) ?? (await readOrUnread(key, ports, deadline));
    if ('error' in place) return place;
    const isNeeded = key === ptrKeyOfLive || hostNames.some((name) => namesHost(place.slot.observed, name));
    try {
      return { slot: place.slot, claim: isNeeded ? await readClaim(place.slot) : noClaim };
    } catch (error) {
      return { key, error };
    }
  };
  const [ptr, old] = await Promise.all([
    ptrKeyOfLive && readPtr(ptrKeyOfLive),
    Promise.all(oldKeys.map(readPtr)),
  ]);
  const places = [...(ptr === undefined ? [] : [ptr]), ...old];
  // Where an A record set that was named is gone, a PTR of ours that has its name is left over.
  const namedHosts = named.filter(({ type }) => type === 'A').map(fullName);
  const oldSlots = old.flatMap((place) => ('slot' in place ? place.slot : []));
  const isLeftOver = (slot: Slot) =>
    isOurs(slot, group.key) && namedHosts.some((name) => namesHost(slot.observed, name));
  const unread = [...namedPlaces, ...places].flatMap((place) => ('error' in place ? place : []));
  return {
    live,
    input: {
      ...input,
      formerHostNames: hostNames.slice(1),
      ptr: ptr !== undefined && 'slot' in ptr ? ptr.slot : undefined,
      old: oldSlots.filter((slot) => !isLeftOver(slot)),
      misplaced: [...misplaced, ...oldSlots.filter(isLeftOver)],
      // A zone that does not exist holds nothing that would have to be removed; only the live PTR has to be made there.
      unread: unread.filter(({ key, error }) => key === ptrKeyOfLive || !(error instanceof ZoneMissingError)),
      touched: alsoOld,
      claimed: claimedSets([claimOnA, ...places.flatMap((place) => ('claim' in place ? place.claim : []))]),
    },
    known,
    unusableName,
  };
}

type ReversePlace = { readonly slot: Slot; readonly claim: Claim } | UnreadSlot;

/**
 * A group that answers as if it were in no network, and has an A record set of ours, had an address: what the answer
 * leaves out is not gone.
 * @throws {LiveStateUnknownError}
 */
function throwIfDoubtful(group: ContainerGroupId, live: KnownGroup, a: Slot): void {
  if (live.kind !== 'unaddressed' || live.reason !== 'noNetwork' || a.observed === undefined) return;
  if (!isOurs(a, group.key)) return;
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
  const a = isDnsLabel(hostName) ? await readSlot(key, ports, deadline) : { key, observed: undefined };
  const live = await readKnown(group, ports, deadline);
  if (hostNameOf(spoke, group, live.tags) !== hostName) throw new GroupChangedError(group.key);
  throwIfDoubtful(group, live, a);
  return { hostName, a, live };
}

/** Forward never waits for reverse: what goes wrong here is part of the observation. */
async function readOrUnread(
  key: RecordSetKey,
  ports: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<{ readonly slot: Slot } | UnreadSlot> {
  try {
    return { slot: await readSlot(key, ports, deadline) };
  } catch (error) {
    return { key, error };
  }
}

const isOurs = ({ observed }: Slot, groupKey: string): boolean =>
  observed !== undefined && ownershipOf(observed, groupKey).kind === 'ours';

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
  ports: Omit<ObservePorts, 'clock'>,
  deadline: Deadline,
): (slot: Slot) => Promise<Claim> {
  const reads = new Map<string, Promise<KnownGroup>>();
  const readOwner = (owner: ContainerGroupId): Promise<KnownGroup> => {
    const read = reads.get(owner.key) ?? readKnown(owner, ports, deadline);
    reads.set(owner.key, read);
    return read;
  };
  /** {@link throwIfDoubtful} of an owner whose set this would be: what its answer leaves out is not gone. */
  const throwIfOwnerDoubtful = async (owner: ContainerGroupId, former: KnownGroup, slot: Slot) => {
    if (former.kind !== 'unaddressed' || former.reason !== 'noNetwork') return;
    const spoke = zones.spokeOf(owner);
    const hostName = spoke && hostNameOf(spoke, owner, former.tags);
    if (spoke === undefined || hostName === undefined || !isDnsLabel(hostName)) return;
    const key = aRecordSetKey(spoke, hostName);
    const isItsA = recordSetId(slot.key) === recordSetId(key);
    if (slot.key.type === 'A' && !isItsA) return;
    throwIfDoubtful(owner, former, isItsA ? slot : await readSlot(key, ports, deadline));
  };
  return async (slot) => {
    const { key, observed } = slot;
    if (observed === undefined) return noClaim;
    const ownership = ownershipOf(observed, group.key);
    if (ownership.kind !== 'other') return noClaim;
    const formerOwner = await readOwner(ownership.owner);
    await throwIfOwnerDoubtful(ownership.owner, formerOwner, slot);
    const isClaimed = hasClaim({ id: ownership.owner, live: formerOwner }, { id: group, live }, key, zones);
    return { formerOwner, claimedSet: isClaimed ? recordSetId(key) : undefined };
  };
}
