import type { ContainerGroupId } from './container-group.ts';
import { fullName, type RecordSetKey } from './record-set.ts';
import { reverseRecordOf, type Spoke } from './zone-map.ts';

/** A record set that has to be there, with the one value that is right. */
export interface DesiredRecordSet {
  readonly key: RecordSetKey;
  /** The address of an A record set; the host name of a PTR record set, in lower case, without a final dot. */
  readonly value: string;
}

/** The record sets that a container group with a private address wants. */
export interface DesiredRecordSets {
  readonly a: DesiredRecordSet;
  /** `undefined` when no reverse zone of the spoke covers the address. */
  readonly ptr: DesiredRecordSet | undefined;
  /** The address, when the spoke has reverse zones and none of them covers it. */
  readonly uncoveredAddress: string | undefined;
}

/**
 * The one place that says which record sets a container group wants. Reconcile, claims, audit, drift tracker and dry
 * run go by it. A group without an address wants none.
 *
 * | reverse zones | cover the address | A    | PTR                          | uncovered |
 * |---------------|-------------------|------|------------------------------|-----------|
 * | none          | –                 | yes  | no                           | no        |
 * | some          | no                | yes  | no                           | yes       |
 * | some          | yes               | yes  | in the longest that covers it | no       |
 *
 * @param address a private IPv4 address.
 */
export function desiredRecordSets(spoke: Spoke, group: ContainerGroupId, address: string): DesiredRecordSets {
  const a = { key: aRecordSetKey(spoke, group), value: address };
  const ptrKey = ptrRecordSetKey(spoke, address);
  return {
    a,
    ptr: ptrKey && { key: ptrKey, value: fullName(a.key) },
    uncoveredAddress: spoke.reverseZones.length > 0 && ptrKey === undefined ? address : undefined,
  };
}

/** Where the A record set of a group belongs, whatever its address: at the group's name, in its forward zone. */
export const aRecordSetKey = (spoke: Spoke, group: ContainerGroupId): RecordSetKey => ({
  zone: spoke.forwardZone,
  type: 'A',
  name: hostNameOf(group),
});

/** Where the PTR record set of an address belongs; `undefined` when no reverse zone of the spoke covers it. */
export function ptrRecordSetKey(spoke: Spoke, address: string): RecordSetKey | undefined {
  const place = reverseRecordOf(spoke, address);
  return place && { zone: place.zone, type: 'PTR', name: place.name };
}

/** The label of a group in its forward zone: its name in lower case, which need not be a DNS label. */
export const hostNameOf = ({ name }: ContainerGroupId): string => name.toLowerCase();
