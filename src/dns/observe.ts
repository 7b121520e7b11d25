import type { Deadline } from '../lib/deadline.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { hostNameFromTag, isUsableHostName, ptrRecordSetKey } from './desired.ts';
import { ZoneMissingError } from './errors.ts';
import { isOurs, type ObservePorts, readForward, readSlot } from './observe-forward.ts';
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
import { previousAddresses } from './previous-addresses.ts';
import { type Claim, claimedSets, claimReader, noClaim } from './read-claims.ts';
import { fullName, type RecordSetKey, recordSetId, zoneId } from './record-set.ts';
import type { Spoke, ZoneMap } from './zone-map.ts';

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
  /** The host name that the group should have, when it is not usable: then it gets no record sets. */
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
  const { group, spoke, zones, foreignRecords, policy } = target;
  const { hostName, a, live } = await readForward(group, spoke, ports, deadline);
  const isUsable = isUsableHostName(spoke, hostName);
  const address = live.kind === 'addressed' && isUsable ? live.address : undefined;
  const isNameFromTag =
    hostNameFromTag(spoke, live.kind === 'addressed' ? live.tags : undefined) !== undefined;

  // A group without an address claims nothing, so nobody else's claim matters.
  const readClaim =
    address === undefined ? async () => noClaim : claimReader(group, live, zones, ports, deadline);
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
  const reverse = await observeReverse({ target, touched, input, claimOnA, readClaim }, ports, deadline);
  return { live, unusableName, ...reverse };
}

/** What is known of the group once its A record set was read, and may be written. */
interface Forward {
  readonly target: ReconcileTarget;
  readonly touched: readonly string[];
  readonly input: PlanInput;
  readonly claimOnA: Claim;
  readonly readClaim: (slot: Slot) => Promise<Claim>;
}

/** Reads the record sets that an event names, then the PTR record sets of the live address and of each old one. */
async function observeReverse(
  { target, touched, input, claimOnA, readClaim }: Forward,
  ports: ObservePorts,
  deadline: Deadline,
): Promise<Pick<Observation, 'input' | 'known'>> {
  const { group, spoke } = target;
  const { a, address } = input;
  const liveKey = address === undefined ? undefined : ptrRecordSetKey(spoke, address);
  const named = await readNamed(
    target,
    [a.key, ...(liveKey === undefined ? [] : [liveKey])],
    ports,
    deadline,
  );
  const misplaced = slotsOf(named).filter((slot) => isOurs(slot, group.key));
  const misplacedA = misplaced.filter(({ key }) => key.type === 'A');

  // Where another group's name was ours all along, its address may still have a PTR that names the host.
  const { formerOwner } = claimOnA;
  const alsoOld = [
    ...touched,
    ...(formerOwner?.kind === 'addressed' ? [formerOwner.address] : []),
    ...misplacedA.flatMap((slot) => addressesOf(slot, input)),
  ];
  const known = [...new Set([...addressesOf(a, input), ...alsoOld])].filter((old) => old !== address);
  const formerHostNames = misplacedA.map(({ key }) => fullName(key));
  const hostNames = [input.hostName, ...formerHostNames];
  const alreadyRead = new Map(named.map((place) => [recordSetId(keyOfPlace(place)), place]));

  /** A PTR record set that is written or cleaned, with the claim of its owner. */
  const readPtr = async (key: RecordSetKey): Promise<ReversePlace> => {
    const place = alreadyRead.get(recordSetId(key)) ?? (await readOrUnread(key, ports, deadline));
    if ('error' in place) return place;
    const isNeeded = key === liveKey || hostNames.some((name) => namesHost(place.slot.observed, name));
    try {
      return { slot: place.slot, claim: isNeeded ? await readClaim(place.slot) : noClaim };
    } catch (error) {
      return { key, error };
    }
  };
  const addresses = [...known, ...target.hints].filter((old) => old !== address);
  const [ptr, old] = await Promise.all([
    liveKey && readPtr(liveKey),
    Promise.all(oldPtrKeys(spoke, addresses, named, misplaced).map(readPtr)),
  ]);
  const places = [...(ptr === undefined ? [] : [ptr]), ...old];
  // Where an A record set that was named is gone, a PTR of ours that has its name is left over.
  const namedHosts = named
    .map(keyOfPlace)
    .filter(({ type }) => type === 'A')
    .map(fullName);
  const oldSlots = slotsOf(old);
  const isLeftOver = (slot: Slot) =>
    isOurs(slot, group.key) && namedHosts.some((name) => namesHost(slot.observed, name));
  const unread = [...named, ...places].flatMap((place) => ('error' in place ? place : []));
  return {
    input: {
      ...input,
      formerHostNames,
      ptr: ptr !== undefined && 'slot' in ptr ? ptr.slot : undefined,
      old: oldSlots.filter((slot) => !isLeftOver(slot)),
      misplaced: [...misplaced, ...oldSlots.filter(isLeftOver)],
      // A zone that does not exist holds nothing that would have to be removed; only the live PTR has to be made there.
      unread: unread.filter(({ key, error }) => key === liveKey || !(error instanceof ZoneMissingError)),
      touched: alsoOld,
      claimed: claimedSets([claimOnA, ...places.flatMap((place) => ('claim' in place ? place.claim : []))]),
    },
    known,
  };
}

type Place = { readonly slot: Slot } | UnreadSlot;
type ReversePlace = { readonly slot: Slot; readonly claim: Claim } | UnreadSlot;

const keyOfPlace = (place: Place): RecordSetKey => ('slot' in place ? place.slot.key : place.key);

const slotsOf = (places: readonly Place[]): Slot[] =>
  places.flatMap((place) => ('slot' in place ? place.slot : []));

/** The record sets that an event names, without those where the group belongs. */
async function readNamed(
  { recordSets }: ReconcileTarget,
  ownPlaces: readonly RecordSetKey[],
  ports: ObservePorts,
  deadline: Deadline,
): Promise<readonly Place[]> {
  const own = new Set(ownPlaces.map(recordSetId));
  const named = recordSets.filter((key) => !own.has(recordSetId(key)));
  return Promise.all(named.map((key) => readOrUnread(key, ports, deadline)));
}

/**
 * The PTR record sets of old addresses, and those that an event names in a reverse zone of the spoke: in a zone that is
 * not the longest, no address leads to them, and one that is not ours may still name us.
 */
function oldPtrKeys(
  spoke: Spoke,
  addresses: readonly string[],
  named: readonly Place[],
  misplaced: readonly Slot[],
): readonly RecordSetKey[] {
  const reverseZones = new Set(spoke.reverseZones.map((zone) => zoneId(zone).toLowerCase()));
  const keys = [
    ...addresses.flatMap((old) => ptrRecordSetKey(spoke, old) ?? []),
    ...named
      .map(keyOfPlace)
      .filter(({ zone, type }) => type === 'PTR' && reverseZones.has(zoneId(zone).toLowerCase())),
  ];
  const isMisplaced = new Set(misplaced.map(({ key }) => recordSetId(key)));
  const unique = new Map(keys.map((key) => [recordSetId(key), key]));
  return [...unique.values()].filter((key) => !isMisplaced.has(recordSetId(key)));
}

/** Forward never waits for reverse: what goes wrong here is part of the observation. */
async function readOrUnread(
  key: RecordSetKey,
  ports: Pick<ObservePorts, 'recordSets'>,
  deadline: Deadline,
): Promise<Place> {
  try {
    return { slot: await readSlot(key, ports, deadline) };
  } catch (error) {
    return { key, error };
  }
}

/** What A points at and pointed at before, unless A is somebody else's business. */
function addressesOf({ observed }: Slot, { address, groupKey, now }: PlanInput): string[] {
  if (observed === undefined) return [];
  const { kind } = ownershipOf(observed, groupKey);
  if (kind === 'platform' || (kind === 'other' && address === undefined)) return [];
  return [...observed.values, ...previousAddresses(observed.metadata, now).map((entry) => entry.address)];
}
