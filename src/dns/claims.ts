import type { ContainerGroupId, LiveGroup } from './container-group.ts';
import { type RecordSetKey, recordSetId } from './record-set.ts';
import { reverseRecordOf, type ZoneMap } from './zone-map.ts';

/** A container group and what is known of it at the moment. */
interface Claimant {
  readonly id: ContainerGroupId;
  readonly live: LiveGroup;
}

/**
 * Whether the owner that a record set names may keep it from a contender that needs it too.
 *
 * | owner                                   | contender        | claim |
 * |-----------------------------------------|------------------|-------|
 * | gone, or shows no address               | any              | no    |
 * | its records are elsewhere now           | any              | no    |
 * | stopped, still shows its address        | running          | no    |
 * | stopped, still shows its address        | stopped          | yes   |
 * | running                                 | any              | yes   |
 */
export function hasClaim(owner: Claimant, contender: Claimant, set: RecordSetKey, zones: ZoneMap): boolean {
  if (owner.live.kind !== 'addressed') return false;
  const place = placeOf(owner.id, owner.live.address, set.type, zones);
  if (place === undefined || recordSetId(place) !== recordSetId(set)) return false;
  const contenderRuns = contender.live.kind === 'addressed' && contender.live.isRunning;
  return owner.live.isRunning || !contenderRuns;
}

/** Where a group's own record set of a type belongs, as the zone map says. */
function placeOf(
  id: ContainerGroupId,
  address: string,
  type: RecordSetKey['type'],
  zones: ZoneMap,
): RecordSetKey | undefined {
  const spoke = zones.spokeOf(id);
  if (spoke === undefined) return undefined;
  if (type === 'A') return { zone: spoke.forwardZone, type, name: id.name.toLowerCase() };
  const reverse = reverseRecordOf(spoke, address);
  return reverse === undefined ? undefined : { ...reverse, type };
}
