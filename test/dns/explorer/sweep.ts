import { compareRecordSet, mergeFindings, missingRecordSets } from '../../../src/dns/audit/compare.ts';
import { buildInventory, type Inventory } from '../../../src/dns/audit/inventory.ts';
import type { Finding } from '../../../src/dns/audit/report.ts';
import { auditedZones } from '../../../src/dns/audit/zones.ts';
import { parseContainerGroupId } from '../../../src/dns/container-group.ts';
import { parseRecordSetId, type RecordSetKey } from '../../../src/dns/record-set.ts';
import type { ZoneMap } from '../../../src/dns/zone-map.ts';
import { subscriptionId } from '../fixtures.ts';
import { liveOf, settingsOf } from './perform.ts';
import { hostLabelOf } from './places.ts';
import type { Scenario } from './scenario.ts';
import { type State, type Task, task } from './state.ts';

export type SweptType = RecordSetKey['type'];

/** What an audit sees of one state, and the events that it sends: one for each kind of finding and group. */
export function swept(state: State, scenario: Scenario, types: readonly SweptType[] = ['A', 'PTR']): Task[] {
  const { zones } = settingsOf(scenario, state);
  const inventory = inventoryOf(state, scenario, zones);
  const findings = auditedZones(zones, [subscriptionId])
    .filter(({ type }) => types.includes(type))
    .flatMap(({ zone, type, key }): Finding[] => {
      const desired = inventory.desired.get(key) ?? new Map();
      const sets = [...state.sets.byId.values()].filter(
        (set) => set.key.type === type && set.key.zone.name === zone.name,
      );
      const found = sets.flatMap((set) => {
        const observed = { ...set.content, key: set.key, etag: 'seen', isAutoRegistered: false };
        return compareRecordSet(observed, desired.get(set.key.name), inventory, 'overwrite') ?? [];
      });
      return [...found, ...missingRecordSets(desired, new Set(sets.map((set) => set.key.name)))];
    });
  return mergeFindings(findings, '', []).flatMap(({ finding, containerGroup, addresses, recordSets }) => {
    const group = parseContainerGroupId(containerGroup);
    const named = recordSets.flatMap((id) => parseRecordSetId(id) ?? []);
    return group === undefined || finding === 'unmapped' ? [] : [task(group, addresses, named)];
  });
}

function inventoryOf(state: State, scenario: Scenario, zones: ZoneMap): Inventory {
  const groups = scenario.groups.flatMap((id) => {
    const live = liveOf(scenario, state, id.key);
    const spoke = zones.spokeOf(id);
    if (live === undefined || spoke === undefined) return [];
    return [
      {
        id,
        address: live.isOptedOut === true ? null : live.address,
        hostName: hostLabelOf(spoke, id, live.hostTag),
        isNameFromTag: false,
      },
    ];
  });
  return buildInventory(groups, zones, () => true);
}
