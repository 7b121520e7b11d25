import { type ContainerGroupId, type Tags, tagValue } from './container-group.ts';
import { isDnsLabel, longestName } from './names.ts';
import { fullName, type RecordSetKey } from './record-set.ts';
import { reverseRecordOf, type Spoke } from './zone-map.ts';

/** A record set that has to be there, with the one value that is right. */
export interface DesiredRecordSet {
  readonly key: RecordSetKey;
  /** The address of an A record set; the host name of a PTR record set, in lower case, without a final dot. */
  readonly value: string;
}

/** The record sets that a container group with a private address wants. */
interface DesiredRecordSets {
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
 * @param hostName the label in the forward zone, as {@link hostNameOf} gives it.
 * @param address a private IPv4 address.
 */
export function desiredRecordSets(spoke: Spoke, hostName: string, address: string): DesiredRecordSets {
  const a = { key: aRecordSetKey(spoke, hostName), value: address };
  const ptrKey = ptrRecordSetKey(spoke, address);
  return {
    a,
    ptr: ptrKey && { key: ptrKey, value: fullName(a.key) },
    uncoveredAddress: uncoveredBy(spoke, address),
  };
}

/** The address, when the spoke has reverse zones and none of them covers it. */
export const uncoveredBy = (spoke: Spoke, address: string | undefined): string | undefined =>
  address !== undefined && spoke.reverseZones.length > 0 && ptrRecordSetKey(spoke, address) === undefined
    ? address
    : undefined;

/** Where the A record set of a host name belongs, whatever its address. */
export const aRecordSetKey = (spoke: Spoke, hostName: string): RecordSetKey => ({
  zone: spoke.forwardZone,
  type: 'A',
  name: hostName,
});

/** Where the PTR record set of an address belongs; `undefined` when no reverse zone of the spoke covers it. */
export function ptrRecordSetKey(spoke: Spoke, address: string): RecordSetKey | undefined {
  const place = reverseRecordOf(spoke, address);
  return place && { zone: place.zone, type: 'PTR', name: place.name };
}

/**
 * The label of a group in its forward zone, in lower case; it need not be a DNS label.
 *
 * | spoke's `hostNameTag` | tags of the group | host name        |
 * |-----------------------|-------------------|------------------|
 * | none                  | any               | the group's name |
 * | set                   | without it        | the group's name |
 * | set                   | with it           | the tag's value  |
 */
export const hostNameOf = (spoke: Spoke, { name }: ContainerGroupId, tags: Tags | undefined): string =>
  (hostNameFromTag(spoke, tags) ?? name).toLowerCase();

/**
 * Whether a group of this host name can have record sets: it is a DNS label, and with its forward zone no longer than a
 * name may be. Repeating an event about any other cannot help.
 */
export const isUsableHostName = (spoke: Spoke, hostName: string): boolean =>
  isDnsLabel(hostName) && fullName(aRecordSetKey(spoke, hostName)).length <= longestName;

/** The host name that a tag says; `undefined` when the spoke names no tag, or the group does not carry it. */
export const hostNameFromTag = ({ hostNameTag }: Spoke, tags: Tags | undefined): string | undefined =>
  hostNameTag === undefined ? undefined : tagValue(tags, hostNameTag)?.trim();
