import type { ContainerGroupId, LiveGroup } from './container-group.ts';
import { desiredRecordSets, hostNameOf } from './desired.ts';
import { type RecordSetKey, recordSetId } from './record-set.ts';
import type { ZoneMap } from './zone-map.ts';

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
  const spoke = zones.spokeOf(owner.id);
  if (spoke === undefined) return false;
  const hostName = hostNameOf(spoke, owner.id, owner.live.tags);
  const desired = desiredRecordSets(spoke, hostName, owner.live.address);
  const own = set.type === 'A' ? desired.a : desired.ptr;
  if (own === undefined || recordSetId(own.key) !== recordSetId(set)) return false;
  const contenderRuns = contender.live.kind === 'addressed' && contender.live.isRunning;
  return owner.live.isRunning || !contenderRuns;
}
