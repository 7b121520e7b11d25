import type { Change } from '../change.ts';
import type { ContainerGroupId } from '../container-group.ts';
import { normalizedName, relativeReverseName } from '../names.ts';
import { withoutOwnership } from '../ownership.ts';
import { previousAddresses } from '../previous-addresses.ts';
import { fullName, type ObservedRecordSet, type ZoneId } from '../record-set.ts';

/** A record set that stays, and why. */
export interface LeftRecordSet {
  readonly recordSet: ObservedRecordSet;
  readonly reason: string;
}

/** What the removal of one owner's record sets writes. */
export interface RemovalPlan {
  /** In the order in which they have to be applied. */
  readonly changes: readonly Exclude<Change, { action: 'create' }>[];
  readonly left: readonly LeftRecordSet[];
}

interface RemovalInput {
  readonly owner: ContainerGroupId;
  /** Those of the owner that may be pruned. */
  readonly recordSets: readonly ObservedRecordSet[];
  /** Reverse zones that were not read to their end: what they hold of the owner is not known. */
  readonly unreadZones: readonly ZoneId[];
  readonly now: Date;
}

/**
 * PTR record sets first and A last, because A keeps the addresses whose PTR may name the group.
 *
 * | record set | what it says                                          | becomes                       |
 * |------------|-------------------------------------------------------|-------------------------------|
 * | PTR        | one name, or none                                     | deleted                       |
 * | PTR        | several, and only names of the owner's A record sets  | deleted                       |
 * | PTR        | several, and some are names of its A record sets      | without those and our mark    |
 * | PTR        | several, and one alone begins with the group's name   | without that one and our mark |
 * | PTR        | several others                                        | left                          |
 * | A          | any, while a PTR is left                              | left                          |
 * | A          | an address of a reverse zone that could not be read   | left                          |
 * | A          | any other                                             | deleted                       |
 */
export function planOwnerRemoval({ owner, recordSets, unreadZones, now }: RemovalInput): RemovalPlan {
  const addressSets = recordSets.filter(({ key }) => key.type === 'A');
  const pointerSets = recordSets.filter(({ key }) => key.type === 'PTR');
  const hostNames = addressSets.map(({ key }) => fullName(key));
  const pointers = pointerSets.map((from) => withoutNamesOf(from, owner, hostNames));
  const leftPointers = pointers.flatMap((result) => ('reason' in result ? result : []));
  const changes = pointers.flatMap((result) => ('action' in result ? result : []));
  const addresses = addressSets.map((from): Removal => {
    if (leftPointers.length > 0) return { recordSet: from, reason: pointersFirst };
    const unread = unreadZones.find((zone) => mayBeKnownIn(zone, from, now));
    if (unread === undefined) return { action: 'delete', from };
    return { recordSet: from, reason: `its PTR may be in ${unread.name}, which could not be read` };
  });
  return {
    changes: [...changes, ...addresses.flatMap((result) => ('action' in result ? result : []))],
    left: [...leftPointers, ...addresses.flatMap((result) => ('reason' in result ? result : []))],
  };
}

/** Why an A record set stays as long as a PTR record set does. */
export const pointersFirst = 'a PTR record set of its owner has to go first';

type Removal = RemovalPlan['changes'][number] | LeftRecordSet;

function withoutNamesOf(
  from: ObservedRecordSet,
  owner: ContainerGroupId,
  hostNames: readonly string[],
): Removal {
  if (from.values.length <= 1) return { action: 'delete', from };
  const ours = namesOf(from, owner, hostNames);
  const values = from.values.filter((value) => !ours.includes(value));
  if (values.length === 0) return { action: 'delete', from };
  if (ours.length === 0) {
    return {
      recordSet: from,
      reason: 'it holds several names, and it is not known which of them evenkeel wrote',
    };
  }
  const { ttlSeconds, metadata } = from;
  return { action: 'update', from, to: { values, ttlSeconds, metadata: withoutOwnership(metadata) } };
}

function namesOf(
  { values }: ObservedRecordSet,
  { name }: ContainerGroupId,
  hostNames: readonly string[],
): readonly string[] {
  const known = values.filter((value) => hostNames.includes(normalizedName(value)));
  if (known.length > 0) return known;
  const alike = values.filter((value) => normalizedName(value).startsWith(`${name.toLowerCase()}.`));
  return alike.length === 1 ? alike : [];
}

/** Whether a reverse zone covers an address that an A record set points at or pointed at. */
const mayBeKnownIn = (zone: ZoneId, { values, metadata }: ObservedRecordSet, now: Date): boolean =>
  [...values, ...previousAddresses(metadata, now).map(({ address }) => address)].some(
    (address) => relativeReverseName(address, zone.name) !== undefined,
  );
