import { normalizedName } from './names.ts';
import { markA, markPtr, ownershipOf, remember, rememberedAddresses, unmarked } from './ownership.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
} from './record-set.ts';

/** What to do with a wrong record set that carries no ownership mark: the setting `DNS_FOREIGN_RECORDS`. */
export type ForeignRecords = 'overwrite' | 'refuse';

/** A place for a record set, and what was found there. */
export interface Slot {
  readonly key: RecordSetKey;
  readonly observed: ObservedRecordSet | undefined;
}

/** All that a plan depends on. */
export interface Situation {
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
  /** The PTRs of addresses that the group may have had before. */
  readonly old: readonly Slot[];
  /** Addresses that A has to remember besides the ones that it shows or remembers itself. */
  readonly carried: readonly string[];
  /** Ids of the record sets that another live group has a claim to. */
  readonly claimed: ReadonlySet<string>;
  readonly now: Date;
}

export type Change =
  | { readonly action: 'create'; readonly key: RecordSetKey; readonly to: RecordSetContent }
  | { readonly action: 'update'; readonly from: ObservedRecordSet; readonly to: RecordSetContent }
  | { readonly action: 'delete'; readonly from: ObservedRecordSet };

/** A record set that is in the way and is left as it is. */
export interface Obstacle {
  readonly reason: 'claimed' | 'foreign' | 'platform';
  readonly recordSet: ObservedRecordSet;
}

interface Plan {
  /** In the order in which they have to be applied. */
  readonly changes: readonly Change[];
  readonly obstacles: readonly Obstacle[];
}

/** The same situation gives the same plan, and planning again after applying it gives an empty one. */
export const planChanges = (situation: Situation): Plan =>
  situation.address === undefined ? planRemoval(situation) : planPresence(situation, situation.address);

/**
 * While the group lives: A first, then the PTR of its address, then its name out of the old PTRs.
 *
 * | A record set                       | PTR needs a write | what becomes of A    |
 * |------------------------------------|-------------------|----------------------|
 * | absent                             | either            | created              |
 * | ours, right                        | no                | left alone           |
 * | ours, right                        | yes               | stamped anew         |
 * | ours, wrong                        | either            | updated              |
 * | foreign, `overwrite`               | either            | adopted or replaced  |
 * | another group's, without a claim   | either            | taken over           |
 * | another group's, with a claim      | –                 | obstacle             |
 * | foreign, `refuse`; the platform's  | –                 | obstacle             |
 *
 * An obstacle at A stops everything, since a PTR that names us may only follow a write of A.
 * An obstacle at the PTR does not: forward look-ups are right first.
 */
function planPresence(situation: Situation, address: string): Plan {
  const { a, ptr } = situation;
  const obstacleAtA = obstacleAt(a, situation);
  if (obstacleAtA !== undefined) return { changes: [], obstacles: [obstacleAtA] };

  const obstacleAtPtr = obstacleAt(ptr, situation);
  const ptrIsDue =
    ptr !== undefined &&
    obstacleAtPtr === undefined &&
    !isOursAndRight(ptr, `${situation.hostName}.`, situation);
  const aIsDue = ptrIsDue || !isOursAndRight(a, address, situation);
  const cleaned = situation.old.map((slot) => planCleaning(slot, situation));
  return {
    changes: [
      ...(aIsDue ? [write(a, aContent(situation, address))] : []),
      ...(ptrIsDue ? [write(ptr, ptrContent(situation, ptr))] : []),
      ...cleaned.flatMap(({ changes }) => changes),
    ],
    obstacles: [
      ...(obstacleAtPtr === undefined ? [] : [obstacleAtPtr]),
      ...cleaned.flatMap(({ obstacles }) => obstacles),
    ],
  };
}

/** When the group is gone: PTRs first and A last, so that the memory goes last; only what carries our mark. */
function planRemoval(situation: Situation): Plan {
  const ours = (slot: Slot) =>
    slot.observed !== undefined && ownershipOf(slot.observed, situation.groupKey).kind === 'ours'
      ? [slot.observed]
      : [];
  return {
    changes: [
      ...situation.old.flatMap(ours).flatMap((set) => withoutOurName(set, situation)),
      ...ours(situation.a).map((from): Change => ({ action: 'delete', from })),
    ],
    obstacles: [],
  };
}

/** What keeps us from writing here, if anything. */
export function obstacleAt(
  slot: Slot | undefined,
  situation: Pick<Situation, 'groupKey' | 'foreignRecords' | 'claimed'>,
): Obstacle | undefined {
  const recordSet = slot?.observed;
  if (recordSet === undefined) return undefined;
  switch (ownershipOf(recordSet, situation.groupKey).kind) {
    case 'platform':
      return { reason: 'platform', recordSet };
    case 'foreign':
      return situation.foreignRecords === 'refuse' ? { reason: 'foreign', recordSet } : undefined;
    case 'other':
      return situation.claimed.has(recordSetId(recordSet.key)) ? { reason: 'claimed', recordSet } : undefined;
    case 'ours':
      return undefined;
  }
}

function isOursAndRight({ observed }: Slot, value: string, situation: Situation): boolean {
  return (
    observed !== undefined &&
    ownershipOf(observed, situation.groupKey).kind === 'ours' &&
    observed.ttlSeconds === situation.ttlSeconds &&
    observed.values.length === 1 &&
    observed.values.every((found) => normalizedName(found) === normalizedName(value))
  );
}

function aContent({ a, groupKey, ttlSeconds, carried, now }: Situation, address: string): RecordSetContent {
  const metadata = a.observed?.metadata ?? {};
  const leaving = [...(a.observed?.values ?? []), ...carried];
  const previous = remember(rememberedAddresses(metadata, now), leaving, address, now);
  return { values: [address], ttlSeconds, metadata: markA(metadata, groupKey, previous, now) };
}

const ptrContent = ({ groupKey, hostName, ttlSeconds }: Situation, { observed }: Slot): RecordSetContent => ({
  values: [`${hostName}.`],
  ttlSeconds,
  metadata: markPtr(observed?.metadata ?? {}, groupKey),
});

const write = ({ key, observed }: Slot, to: RecordSetContent): Change =>
  observed === undefined ? { action: 'create', key, to } : { action: 'update', from: observed, to };

/**
 * | PTR of an old address, while the group lives | our name is  |
 * |----------------------------------------------|--------------|
 * | absent, or the platform's                    | left         |
 * | ours                                         | taken out    |
 * | foreign, `overwrite`                         | taken out    |
 * | foreign, `refuse`, and it names us           | an obstacle  |
 * | another group's, without a claim             | taken out    |
 * | another group's, with a claim                | left: that group's own pass makes its name stand alone |
 */
function planCleaning(slot: Slot, situation: Situation): Plan {
  const { observed } = slot;
  if (observed === undefined) return { changes: [], obstacles: [] };
  const changes = withoutOurName(observed, situation);
  const obstacle = changes.length === 0 ? undefined : obstacleAt(slot, situation);
  if (obstacle === undefined) return { changes, obstacles: [] };
  return { changes: [], obstacles: obstacle.reason === 'foreign' ? [obstacle] : [] };
}

export const namesHost = (set: ObservedRecordSet | undefined, hostName: string): boolean =>
  set?.values.some((value) => normalizedName(value) === hostName) ?? false;

/** A set that becomes empty is deleted; names of others stay, and then the set is no longer ours. */
function withoutOurName(from: ObservedRecordSet, { groupKey, hostName }: Situation): Change[] {
  const others = from.values.filter((value) => normalizedName(value) !== hostName);
  const isOurs = ownershipOf(from, groupKey).kind === 'ours';
  if (others.length === 0 && (from.values.length > 0 || isOurs)) return [{ action: 'delete', from }];
  if (others.length === from.values.length) return [];
  const metadata = isOurs ? unmarked(from.metadata) : from.metadata;
  return [{ action: 'update', from, to: { values: others, ttlSeconds: from.ttlSeconds, metadata } }];
}
