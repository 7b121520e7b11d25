import { allowedChanges, type Change } from './change.ts';
import { normalizedName } from './names.ts';
import { ownedAMetadata, ownedPtrMetadata, ownershipOf, withoutOwnership } from './ownership.ts';
import type { DnsPolicy } from './policy.ts';
import { nextPreviousAddresses, previousAddresses } from './previous-addresses.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
} from './record-set.ts';
import { isStampFresh } from './stamp.ts';

/** What to do with a wrong record set that carries no ownership metadata: the setting `DNS_FOREIGN_RECORDS`. */
export type ForeignRecords = 'overwrite' | 'refuse';

/** The place of a record set, and what was observed there; `undefined` when there is no record set. */
export interface Slot {
  readonly key: RecordSetKey;
  readonly observed: ObservedRecordSet | undefined;
}

/** A place that could not be read, or whose owner could not: nothing is planned for it. */
export interface UnreadSlot {
  readonly key: RecordSetKey;
  readonly error: unknown;
}

/** Everything that a plan depends on. */
export interface PlanInput {
  readonly groupKey: string;
  /** The group's name in its forward zone, without a final dot. */
  readonly hostName: string;
  /** Names that the group had before, without a final dot; a PTR record set that still has one is cleaned of it. */
  readonly formerHostNames: readonly string[];
  /** The live address; `undefined` when the group has none and will have none. */
  readonly address: string | undefined;
  readonly ttlSeconds: number;
  readonly foreignRecords: ForeignRecords;
  readonly foreignRecordsAtA: ForeignRecords;
  readonly policy: DnsPolicy;
  readonly a: Slot;
  /** The PTR of the live address; `undefined` when no reverse zone covers it. */
  readonly ptr: Slot | undefined;
  /** The PTR record sets of addresses that the group may have had before. */
  readonly old: readonly Slot[];
  /** Record sets of ours that are where none of the group belongs. */
  readonly misplaced: readonly Slot[];
  /** Record sets beside A that could not be read. */
  readonly unread: readonly UnreadSlot[];
  /** Previous addresses that the A record set has to keep besides those that it shows or keeps already. */
  readonly touched: readonly string[];
  /** ARM ids of the record sets that another live group may keep. */
  readonly claimed: ReadonlySet<string>;
  readonly now: Date;
}

/** A record set that evenkeel may not write, and therefore leaves as it is. */
export interface BlockedRecordSet {
  readonly reason: 'claimed' | 'foreign' | 'platform';
  readonly recordSet: ObservedRecordSet;
}

interface Plan {
  /** Changes in the order in which they have to be applied. */
  readonly changes: readonly Change[];
  readonly blocked: readonly BlockedRecordSet[];
}

/** Pure: the same input gives the same plan, and planning again after applying it gives an empty one. */
export function planChanges(input: PlanInput): Plan {
  const { changes, blocked } =
    input.address === undefined ? planRemoval(input) : planPresence(input, input.address);
  return { changes: allowedChanges(changes, input.policy), blocked };
}

/**
 * The plan while the group lives: A first, then the PTR of its address, then its name out of the old PTRs, then what is
 * misplaced.
 *
 * | A record set                       | PTR needs a write | A becomes            |
 * |------------------------------------|-------------------|----------------------|
 * | absent                             | either            | created              |
 * | ours, right                        | no                | left alone           |
 * | ours, right, its stamp is fresh    | yes               | left alone           |
 * | ours, right, its stamp is older    | yes               | stamped anew         |
 * | ours, wrong                        | either            | updated              |
 * | foreign, `overwrite`               | either            | adopted or replaced  |
 * | foreign, `refuse`, right           | either            | left alone           |
 * | another group's, without a claim   | either            | taken over           |
 * | another group's, with a claim      | –                 | blocked             |
 * | foreign, `refuse`, wrong           | –                 | blocked             |
 * | the platform's                     | –                 | blocked             |
 *
 * A blocked A record set stops everything, since a PTR that names us may only follow a write of A.
 * A blocked PTR record set does not: forward look-ups are right first.
 */
function planPresence(input: PlanInput, address: string): Plan {
  const { a, ptr } = input;
  const blockedAtA = blockedAt(a, address, input);
  if (blockedAtA !== undefined) return { changes: [], blocked: [blockedAtA] };

  const host = `${input.hostName}.`;
  const blockedAtPtr = blockedAt(ptr, host, input);
  const ptrIsDue = ptr !== undefined && blockedAtPtr === undefined && !isSettled(ptr, host, input);
  const aIsDue = !isSettled(a, address, input) || (ptrIsDue && needsStamp(a, input));
  const cleaned = input.old.map((slot) => planCleaning(slot, input));
  return {
    changes: [
      ...(aIsDue ? [write(a, aContent(input, address))] : []),
      ...(ptrIsDue ? [write(ptr, ptrContent(input, ptr))] : []),
      ...cleaned.flatMap(({ changes }) => changes),
      ...planMisplaced(input),
    ],
    blocked: [
      ...(blockedAtPtr === undefined ? [] : [blockedAtPtr]),
      ...cleaned.flatMap(({ blocked }) => blocked),
    ],
  };
}

/**
 * The plan when the group is gone: PTRs first and A last, because A keeps the previous addresses; only what is ours. As
 * long as a PTR record set could not be read, A stays.
 */
function planRemoval(input: PlanInput): Plan {
  const ours = (slot: Slot) =>
    slot.observed !== undefined && ownershipOf(slot.observed, input.groupKey).kind === 'ours'
      ? [slot.observed]
      : [];
  return {
    changes: [
      ...input.old.flatMap(ours).flatMap((set) => withoutOurName(set, input)),
      ...planMisplaced(input),
      ...(input.unread.length > 0 ? [] : ours(input.a)).map((from): Change => ({ action: 'delete', from })),
    ],
    blocked: [],
  };
}

/** PTRs first and A last, because A keeps the previous addresses: it stays as long as a PTR could not be read. */
function planMisplaced(input: PlanInput): Change[] {
  const sets = input.misplaced.flatMap(({ observed }) => observed ?? []);
  const removable = input.unread.length > 0 ? [] : sets.filter(({ key }) => key.type === 'A');
  return [
    ...sets.filter(({ key }) => key.type === 'PTR').flatMap((from) => withoutOurs(from, input)),
    ...removable.map((from): Change => ({ action: 'delete', from })),
  ];
}

/**
 * | PTR record set of ours where none belongs        | becomes                       |
 * |--------------------------------------------------|-------------------------------|
 * | one name, or none                                | deleted                       |
 * | several, and some are known to be ours           | without those and our mark    |
 * | several, and one alone is in our forward zone    | without that one and our mark |
 * | several others                                   | without our mark              |
 */
function withoutOurs(from: ObservedRecordSet, input: PlanInput): Change[] {
  if (from.values.length <= 1) return [{ action: 'delete', from }];
  const changes = withoutOurName(from, input);
  if (changes.length > 0) return changes;
  const inZone = from.values.filter((value) => normalizedName(value).endsWith(`.${input.a.key.zone.name}`));
  const values = inZone.length === 1 ? from.values.filter((value) => !inZone.includes(value)) : from.values;
  const { ttlSeconds, metadata } = from;
  return [{ action: 'update', from, to: { values, ttlSeconds, metadata: withoutOwnership(metadata) } }];
}

/**
 * The record set that keeps evenkeel from writing here; `undefined` when nothing does.
 * @param value the one that is right; `undefined` where no value is.
 */
export function blockedAt(
  slot: Slot | undefined,
  value: string | undefined,
  input: Pick<PlanInput, 'groupKey' | 'foreignRecords' | 'foreignRecordsAtA' | 'claimed'>,
): BlockedRecordSet | undefined {
  const recordSet = slot?.observed;
  if (recordSet === undefined) return undefined;
  switch (ownershipOf(recordSet, input.groupKey).kind) {
    case 'platform':
      return { reason: 'platform', recordSet };
    case 'foreign':
      return foreignRecordsFor(recordSet, input) === 'overwrite' ||
        (value !== undefined && holdsOnly(recordSet, value))
        ? undefined
        : { reason: 'foreign', recordSet };
    case 'other':
      return input.claimed.has(recordSetId(recordSet.key)) ? { reason: 'claimed', recordSet } : undefined;
    case 'ours':
      return undefined;
  }
}

/** Whether nothing has to be written: it is right and ours, or right and foreign under `refuse`. */
function isSettled({ key, observed }: Slot, value: string, input: PlanInput): boolean {
  if (observed === undefined) return false;
  const keepsOthers = key.type === 'PTR' && input.policy === 'upsert-only';
  if (!(keepsOthers ? holds(observed, value) : holdsOnly(observed, value))) return false;
  const { kind } = ownershipOf(observed, input.groupKey);
  if (kind === 'foreign') return foreignRecordsFor({ key }, input) === 'refuse';
  return kind === 'ours' && observed.ttlSeconds === input.ttlSeconds;
}

const foreignRecordsFor = (
  { key }: Pick<Slot, 'key'>,
  { foreignRecords, foreignRecordsAtA }: Pick<PlanInput, 'foreignRecords' | 'foreignRecordsAtA'>,
): ForeignRecords => (key.type === 'A' ? foreignRecordsAtA : foreignRecords);

const holds = ({ values }: ObservedRecordSet, value: string): boolean =>
  values.some((found) => normalizedName(found) === normalizedName(value));

const holdsOnly = (set: ObservedRecordSet, value: string): boolean =>
  set.values.length === 1 && holds(set, value);

/** A foreign A record set that is left alone carries no stamp, and gets none. */
const needsStamp = ({ observed }: Slot, { groupKey, now }: PlanInput): boolean =>
  observed !== undefined &&
  ownershipOf(observed, groupKey).kind === 'ours' &&
  !isStampFresh(observed.metadata, now);

function aContent({ a, groupKey, ttlSeconds, touched, now }: PlanInput, address: string): RecordSetContent {
  const metadata = a.observed?.metadata ?? {};
  const leaving = [...(a.observed?.values ?? []), ...touched];
  const previous = nextPreviousAddresses(previousAddresses(metadata, now), leaving, address, now);
  return { values: [address], ttlSeconds, metadata: ownedAMetadata(metadata, groupKey, previous, now) };
}

/** Our name stands alone, unless the policy takes no name away. */
function ptrContent(
  { groupKey, hostName, ttlSeconds, policy }: PlanInput,
  { observed }: Slot,
): RecordSetContent {
  const others = (observed?.values ?? []).filter((value) => normalizedName(value) !== hostName);
  return {
    values: [...(policy === 'upsert-only' ? others : []), `${hostName}.`],
    ttlSeconds,
    metadata: ownedPtrMetadata(observed?.metadata ?? {}, groupKey),
  };
}

const write = ({ key, observed }: Slot, to: RecordSetContent): Change =>
  observed === undefined ? { action: 'create', key, to } : { action: 'update', from: observed, to };

/**
 * | PTR of an old address, while the group lives | our name is  |
 * |----------------------------------------------|--------------|
 * | absent, or the platform's                    | left         |
 * | ours                                         | taken out    |
 * | foreign, `overwrite`                         | taken out    |
 * | foreign, `refuse`, and it names us           | blocked     |
 * | another group's, without a claim             | taken out    |
 * | another group's, with a claim                | left: that group's own reconcile makes its name stand alone |
 */
function planCleaning(slot: Slot, input: PlanInput): Plan {
  const { observed } = slot;
  if (observed === undefined) return { changes: [], blocked: [] };
  const changes = withoutOurName(observed, input);
  const blocked = changes.length === 0 ? undefined : blockedAt(slot, undefined, input);
  if (blocked === undefined) return { changes, blocked: [] };
  return { changes: [], blocked: blocked.reason === 'foreign' ? [blocked] : [] };
}

export const namesHost = (set: ObservedRecordSet | undefined, hostName: string): boolean =>
  set?.values.some((value) => normalizedName(value) === hostName) === true;

/** A set that becomes empty is deleted; names of others stay, and then the set is no longer ours. */
function withoutOurName(
  from: ObservedRecordSet,
  { groupKey, hostName, formerHostNames }: PlanInput,
): Change[] {
  const names = [hostName, ...formerHostNames];
  const others = from.values.filter((value) => !names.includes(normalizedName(value)));
  const isOurs = ownershipOf(from, groupKey).kind === 'ours';
  if (others.length === 0 && (from.values.length > 0 || isOurs)) return [{ action: 'delete', from }];
  if (others.length === from.values.length) return [];
  const metadata = isOurs ? withoutOwnership(from.metadata) : from.metadata;
  return [{ action: 'update', from, to: { values: others, ttlSeconds: from.ttlSeconds, metadata } }];
}
