import { zoneId } from '../../../dns/record-set.ts';
import type { Spoke, ZoneMap } from '../../../dns/zone-map.ts';

// What an ARM id is        needed when
// a resource group         an entry of the zone map is about it, even a wrong one
// a private DNS zone       a spoke has it; not known while a spoke cannot be read
// a registry               an entry has its id
// anything else            always: the app's own, or made by somebody for a reason of theirs

/** What the entries of the settings name. */
export interface EntryNeeds {
  readonly zoneMap: Pick<ZoneMap, 'spokeOf' | 'hasBadEntry'>;
  /** ARM ids. */
  readonly registryIds: readonly string[];
  readonly spokes: readonly Pick<Spoke, 'forwardZone' | 'reverseZones'>[];
  /** Whether `spokes` are those of every entry. */
  readonly areSpokesWhole: boolean;
}

/**
 * Whether an entry of the settings needs evenkeel at a resource.
 * @param armId in any casing.
 * @returns `undefined` where that is not known.
 */
export function isNeeded(armId: string, needs: EntryNeeds): boolean | undefined {
  const [, subscriptionId, resourceGroup, rest = ''] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)(\/.*)?$/i.exec(armId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined) return true;
  if (rest === '') {
    const group = { subscriptionId, resourceGroup };
    return needs.zoneMap.hasBadEntry(group) || needs.zoneMap.spokeOf(group) !== undefined;
  }
  if (/^\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i.test(rest)) {
    return needs.registryIds.some((id) => isSame(id, armId));
  }
  if (!/^\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i.test(rest)) return true;
  const zones = needs.spokes.flatMap(({ forwardZone, reverseZones }) => [forwardZone, ...reverseZones]);
  if (zones.some((zone) => isSame(zoneId(zone), armId))) return true;
  return needs.areSpokesWhole ? false : undefined;
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
