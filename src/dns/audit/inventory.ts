import type { ContainerGroupId } from '../../container-group-id.ts';
import { isDnsLabel } from '../names.ts';
import { fullName, type RecordSetKey } from '../record-set.ts';
import { reverseRecordOf, type ZoneMap } from '../zone-map.ts';
import { auditedZoneKey } from './zones.ts';

/** A container group as far as DNS depends on it; thousands are held at once. */
export interface CountedGroup {
  readonly id: ContainerGroupId;
  /** `null`: it has none and will have none. `undefined`: nothing can be said of it at the moment. */
  readonly address: string | null | undefined;
}

/** A record set that has to be there. */
export interface Expectation {
  readonly key: RecordSetKey;
  readonly group: CountedGroup;
  readonly value: string;
  /** Where groups share a name or an address: what else is right. */
  others: readonly string[];
}

/** Every mapped container group, indexed by what the zones are compared with. */
export interface Census {
  /** By ARM id in lower case. */
  readonly groups: ReadonlyMap<string, CountedGroup>;
  /** By zone and type as `auditedZoneKey` tells them, then by record set name. */
  readonly expected: ReadonlyMap<string, ReadonlyMap<string, Expectation>>;
  /** By host name in its forward zone. */
  readonly byHostName: ReadonlyMap<string, CountedGroup>;
  /** Whether the listing that would show a group was read to its end. */
  isCounted(id: ContainerGroupId): boolean;
}

export function takeCensus(
  groups: Iterable<CountedGroup>,
  zones: ZoneMap,
  isCounted: (id: ContainerGroupId) => boolean,
): Census {
  const byId = new Map<string, CountedGroup>();
  const byHostName = new Map<string, CountedGroup>();
  const expected = new Map<string, Map<string, Expectation>>();
  const expect = (key: RecordSetKey, group: CountedGroup, value: string) => {
    const zone = auditedZoneKey(key);
    const ofZone = expected.get(zone) ?? new Map<string, Expectation>();
    expected.set(zone, ofZone);
    const known = ofZone.get(key.name);
    if (known === undefined) ofZone.set(key.name, { key, group, value, others: [] });
    else known.others = [...known.others, value];
  };
  for (const group of groups) {
    byId.set(group.id.key, group);
    const spoke = zones.spokeOf(group.id);
    const name = group.id.name.toLowerCase();
    if (spoke === undefined || !isDnsLabel(name) || typeof group.address !== 'string') continue;
    const a: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name };
    const hostName = fullName(a);
    byHostName.set(hostName, group);
    expect(a, group, group.address);
    const place = reverseRecordOf(spoke, group.address);
    if (place !== undefined) expect({ ...place, type: 'PTR' }, group, hostName);
  }
  return { groups: byId, expected, byHostName, isCounted };
}
