import type { Inventory } from '../audit/inventory.ts';
import { auditedZoneKey } from '../audit/zones.ts';
import type { ContainerGroupId, LiveGroup } from '../container-group.ts';
import { ownershipOf } from '../ownership.ts';
import type { ObservedRecordSet } from '../record-set.ts';

/** Why a record set of ours is needed no more. */
export type PruneReason = 'unmapped' | 'gone' | 'misplaced';

/** What is known of the container group that a record set names as its owner. */
export type OwnerState = 'lives' | 'gone' | 'unknown';

/** Only what Azure says in so many words is gone. */
export function ownerStateOf(live: LiveGroup): OwnerState {
  if (live.kind === 'notReady' || live.kind === 'unknown') return 'unknown';
  return live.kind === 'unaddressed' && live.reason === 'gone' ? 'gone' : 'lives';
}

/** The container group that a record set names as its owner; `undefined` for a set that is not evenkeel's. */
export function prunableOwnerOf(set: ObservedRecordSet): ContainerGroupId | undefined {
  // No group has the empty key, so every owner is read as another group.
  const ownership = ownershipOf(set, '');
  return ownership.kind === 'other' ? ownership.owner : undefined;
}

/** Everything that the decision on one record set depends on. */
interface PruneFacts {
  readonly set: ObservedRecordSet;
  /** Of the owner that the set names. */
  readonly state: OwnerState;
  /** Whether the zone map leads to the zone of the set. */
  readonly isZoneMapped: boolean;
  readonly inventory: Pick<Inventory, 'desired' | 'isMapped'>;
}

/**
 * Why a record set may be pruned; `undefined` when it may not.
 *
 * | whose, by its mark             | a live group wants it here | zone is mapped | the owner | reason      |
 * |--------------------------------|----------------------------|----------------|-----------|-------------|
 * | the platform's, or without one | any                        | any            | any       | none        |
 * | any owner's                    | yes                        | any            | any       | none: the app marks it for that group |
 * | a group that no entry covers   | no                         | any            | any       | `unmapped`  |
 * | a mapped group                 | no                         | any            | gone      | `gone`      |
 * | a mapped group                 | no                         | no             | lives     | `misplaced` |
 * | a mapped group                 | no                         | yes            | lives     | none: the app repairs it |
 * | a mapped group                 | no                         | any            | unknown   | none: unknown is never gone |
 */
export function pruneReasonOf({ set, state, isZoneMapped, inventory }: PruneFacts): PruneReason | undefined {
  const owner = prunableOwnerOf(set);
  if (owner === undefined) return undefined;
  if (inventory.desired.get(auditedZoneKey(set.key))?.has(set.key.name)) return undefined;
  if (!inventory.isMapped(owner)) return 'unmapped';
  if (state === 'gone') return 'gone';
  return state === 'lives' && !isZoneMapped ? 'misplaced' : undefined;
}
