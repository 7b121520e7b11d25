import { normalizedName } from './names.ts';
import { ownedAMetadata, ownedPtrMetadata, ownershipOf, withoutOwnership } from './ownership.ts';
import { nextPreviousAddresses, previousAddresses } from './previous-addresses.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
} from './record-set.ts';

/** What to do with a wrong record set that carries no ownership metadata: the setting `DNS_FOREIGN_RECORDS`. */
export type ForeignRecords = 'overwrite' | 'refuse';

/** The place of a record set, and what was observed there; `undefined` when there is no record set. */
export interface Slot {
  readonly key: RecordSetKey;
  readonly observed: ObservedRecordSet | undefined;
}

/** Everything that a plan depends on. */
export interface PlanInput {
  readonly groupKey: string;
  /** The group's name in its forward zone, without a final dot. */
  readonly hostName: string;
  /** The live address; `undefined` when the group has none and will have none. */
  readonly address: string | undefined;
  readonly ttlSeconds: number;
  readonly foreignRecords: ForeignRecords;
  readonly a: Slot;
  /** The PTR of the live address; `undefined` when no reverse zone covers it. */
  readonly ptr: Slot | undefined;
  /** The PTR record sets of addresses that the group may have had before. */
  readonly old: readonly Slot[];
  /** Previous addresses that the A record set has to keep besides those that it shows or keeps already. */
  readonly touched: readonly string[];
  /** ARM ids of the record sets that another live group may keep. */
  readonly claimed: ReadonlySet<string>;
  readonly now: Date;
}

export type Change =
  | { readonly action: 'create'; readonly key: RecordSetKey; readonly to: RecordSetContent }
  | { readonly action: 'update'; readonly from: ObservedRecordSet; readonly to: RecordSetContent }
  | { readonly action: 'delete'; readonly from: ObservedRecordSet };

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
export const planChanges = (input: PlanInput): Plan =>
  input.address === undefined ? planRemoval(input) : planPresence(input, input.address);

/**
 * The plan while the group lives: A first, then the PTR of its address, then its name out of the old PTRs.
 *
 * | A record set                       | PTR needs a write | A becomes            |
 * |------------------------------------|-------------------|----------------------|
 * | absent                             | either            | created              |
 * | ours, right                        | no                | left alone           |
 * | ours, right                        | yes               | stamped anew         |
 * | ours, wrong                        | either            | updated              |
 * | foreign, `overwrite`               | either            | adopted or replaced  |
 * | another group's, without a claim   | either            | taken over           |
 * | another group's, with a claim      | –                 | blocked             |
 * | foreign, `refuse`; the platform's  | –                 | blocked             |
 *
 * A blocked A record set stops everything, since a PTR that names us may only follow a write of A.
 * A blocked PTR record set does not: forward look-ups are right first.
 */
function planPresence(input: PlanInput, address: string): Plan {
  const { a, ptr } = input;
  const blockedAtA = blockedAt(a, input);
  if (blockedAtA !== undefined) return { changes: [], blocked: [blockedAtA] };

  const blockedAtPtr = blockedAt(ptr, input);
  const ptrIsDue =
    ptr !== undefined && blockedAtPtr === undefined && !isOursAndRight(ptr, `${input.hostName}.`, input);
  const aIsDue = ptrIsDue || !isOursAndRight(a, address, input);
  const cleaned = input.old.map((slot) => planCleaning(slot, input));
  return {
    changes: [
      ...(aIsDue ? [write(a, aContent(input, address))] : []),
      ...(ptrIsDue ? [write(ptr, ptrContent(input, ptr))] : []),
      ...cleaned.flatMap(({ changes }) => changes),
    ],
    blocked: [
      ...(blockedAtPtr === undefined ? [] : [blockedAtPtr]),
      ...cleaned.flatMap(({ blocked }) => blocked),
    ],
  };
}

/** The plan when the group is gone: PTRs first and A last, because A keeps the previous addresses; only what is ours. */
function planRemoval(input: PlanInput): Plan {
  const ours = (slot: Slot) =>
    slot.observed !== undefined && ownershipOf(slot.observed, input.groupKey).kind === 'ours'
      ? [slot.observed]
      : [];
  return {
    changes: [
      ...input.old.flatMap(ours).flatMap((set) => withoutOurName(set, input)),
      ...ours(input.a).map((from): Change => ({ action: 'delete', from })),
    ],
    blocked: [],
  };
}

/** The record set that keeps evenkeel from writing here; `undefined` when nothing does. */
export function blockedAt(
  slot: Slot | undefined,
  input: Pick<PlanInput, 'groupKey' | 'foreignRecords' | 'claimed'>,
): BlockedRecordSet | undefined {
  const recordSet = slot?.observed;
  if (recordSet === undefined) return undefined;
  switch (ownershipOf(recordSet, input.groupKey).kind) {
    case 'platform':
      return { reason: 'platform', recordSet };
    case 'foreign':
      return input.foreignRecords === 'refuse' ? { reason: 'foreign', recordSet } : undefined;
    case 'other':
      return input.claimed.has(recordSetId(recordSet.key)) ? { reason: 'claimed', recordSet } : undefined;
    case 'ours':
      return undefined;
  }
}

function isOursAndRight({ observed }: Slot, value: string, input: PlanInput): boolean {
  return (
    observed !== undefined &&
    ownershipOf(observed, input.groupKey).kind === 'ours' &&
    observed.ttlSeconds === input.ttlSeconds &&
    observed.values.length === 1 &&
    observed.values.every((found) => normalizedName(found) === normalizedName(value))
  );
}

function aContent({ a, groupKey, ttlSeconds, touched, now }: PlanInput, address: string): RecordSetContent {
  const metadata = a.observed?.metadata ?? {};
  const leaving = [...(a.observed?.values ?? []), ...touched];
  const previous = nextPreviousAddresses(previousAddresses(metadata, now), leaving, address, now);
  return { values: [address], ttlSeconds, metadata: ownedAMetadata(metadata, groupKey, previous, now) };
}

const ptrContent = ({ groupKey, hostName, ttlSeconds }: PlanInput, { observed }: Slot): RecordSetContent => ({
  values: [`${hostName}.`],
  ttlSeconds,
  metadata: ownedPtrMetadata(observed?.metadata ?? {}, groupKey),
});

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
  const blocked = changes.length === 0 ? undefined : blockedAt(slot, input);
  if (blocked === undefined) return { changes, blocked: [] };
  return { changes: [], blocked: blocked.reason === 'foreign' ? [blocked] : [] };
}

export const namesHost = (set: ObservedRecordSet | undefined, hostName: string): boolean =>
  set?.values.some((value) => normalizedName(value) === hostName) ?? false;

/** A set that becomes empty is deleted; names of others stay, and then the set is no longer ours. */
function withoutOurName(from: ObservedRecordSet, { groupKey, hostName }: PlanInput): Change[] {
  const others = from.values.filter((value) => normalizedName(value) !== hostName);
  const isOurs = ownershipOf(from, groupKey).kind === 'ours';
  if (others.length === 0 && (from.values.length > 0 || isOurs)) return [{ action: 'delete', from }];
  if (others.length === from.values.length) return [];
  const metadata = isOurs ? withoutOwnership(from.metadata) : from.metadata;
  return [{ action: 'update', from, to: { values: others, ttlSeconds: from.ttlSeconds, metadata } }];
}
