import type { Deadline } from '../lib/deadline.ts';
import { hasClaim } from './claims.ts';
import type { ContainerGroupId, KnownGroup } from './container-group.ts';
import { aRecordSetKey, hostNameOf, isUsableHostName } from './desired.ts';
import { type ObservePorts, readKnown, readSlot, throwIfDoubtful } from './observe-forward.ts';
import { ownershipOf } from './ownership.ts';
import type { Slot } from './plan.ts';
import { recordSetId } from './record-set.ts';
import type { ZoneMap } from './zone-map.ts';

/** What another group has to do with a record set. */
export interface Claim {
  /** The group that the record set names as its owner; `undefined` when that is no other group. */
  readonly formerOwner: KnownGroup | undefined;
  /** The ARM id of the record set, when that group may keep it. */
  readonly claimedSet: string | undefined;
}

/** Where no other group has to do with a record set. */
export const noClaim: Claim = { formerOwner: undefined, claimedSet: undefined };

/** The ARM ids of the record sets that other groups may keep. */
export const claimedSets = (claims: readonly Claim[]): ReadonlySet<string> =>
  new Set(claims.flatMap(({ claimedSet }) => claimedSet ?? []));

/**
 * Reads the groups that record sets name as their owners. Several record sets may name the same one; it is read once.
 * @throws {LiveStateUnknownError} when nothing can be said of an owner.
 */
export function claimReader(
  group: ContainerGroupId,
  live: KnownGroup,
  zones: ZoneMap,
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
    if (spoke === undefined || hostName === undefined || !isUsableHostName(spoke, hostName)) return;
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
