import type { ContainerGroupId } from '../../container-group-id.ts';
import { isDnsLabel } from '../host-name.ts';
import { fullName, type RecordSetKey, recordSetId } from '../record-set.ts';
import { reverseRecordOf, type ZoneMap } from '../zone-map.ts';

/** A container group as far as DNS depends on it; thousands are held at once. */
export interface CountedGroup {
  readonly id: ContainerGroupId;
  /** `null`: it has none and will have none. `undefined`: nothing can be said of it at the moment. */
  readonly address: string | null | undefined;
}

/** A record set that has to be there. */
export interface Expectation {
  readonly key: RecordSetKey;
  /** Several where groups share a name or an address; any one of them is right. */
  readonly candidates: { readonly group: CountedGroup; readonly value: string }[];
}

/** Every mapped container group, indexed by what the zones are compared with. */
export interface Census {
  readonly groups: ReadonlyMap<string, CountedGroup>;
  /** By record set id. */
  readonly expected: ReadonlyMap<string, Expectation>;
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
  const expected = new Map<string, Expectation>();
  const expect = (key: RecordSetKey, group: CountedGroup, value: string) => {
    const id = recordSetId(key);
    const known = expected.get(id);
    if (known === undefined) expected.set(id, { key, candidates: [{ group, value }] });
    else known.candidates.push({ group, value });
  };
  for (const group of groups) {
    byId.set(group.id.key, group);
    const spoke = zones.spokeOf(group.id);
    const name = group.id.name.toLowerCase();
    if (spoke === undefined || !isDnsLabel(name)) continue;
    const a: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name };
    if (typeof group.address !== 'string') continue;
    byHostName.set(fullName(a), group);
    expect(a, group, group.address);
    const place = reverseRecordOf(spoke, group.address);
    if (place !== undefined) expect({ ...place, type: 'PTR' }, group, fullName(a));
  }
  return { groups: byId, expected, byHostName, isCounted };
}
