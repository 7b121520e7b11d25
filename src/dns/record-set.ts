/** A private DNS zone. */
export interface ZoneId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Which record set: `name` is relative to the zone, in lower case. */
export interface RecordSetKey {
  readonly zone: ZoneId;
  readonly type: 'A' | 'PTR';
  readonly name: string;
}

export type Metadata = Readonly<Record<string, string>>;

/** What a record set says. `values` are IPv4 addresses of an A set, host names of a PTR set. */
export interface RecordSetContent {
  readonly values: readonly string[];
  readonly ttlSeconds: number;
  readonly metadata: Metadata;
}

/** A record set as it was read. */
export interface ObservedRecordSet extends RecordSetContent {
  readonly key: RecordSetKey;
  /** Guards the write that this observation leads to; every write of the set changes it. */
  readonly etag: string;
  /** Registered by the platform for a virtual machine: never ours to touch. */
  readonly isAutoRegistered: boolean;
}

/** The record set's ARM id in lower case, unique and comparable. */
export const recordSetId = ({ zone, type, name }: RecordSetKey): string =>
  `${zoneId(zone)}/${type}/${name}`.toLowerCase();

/** The client puts a name into a URL as it is, so that one that holds `?` or `%` would be read as another one. */
const recordSetIdPattern =
  /^\/subscriptions\/([\w-]+)\/resourcegroups\/([^/?#%\s]*[^/?#%\s.])\/providers\/microsoft\.network\/privatednszones\/([\w-]+(?:\.[\w-]+)+)\/(a|ptr)\/(@|\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*)$/i;

/**
 * Longer than any ARM id of a record set: a subscription has 36 characters, a resource group 90, zone and name 253 each.
 * What is longer would not fit into a message of the queue.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
const longestId = 800;

/** Returns `undefined` for anything but the ARM id of an A or PTR record set of a private zone. */
export function parseRecordSetId(armId: string): RecordSetKey | undefined {
  if (armId.length > longestId) return undefined;
  const match = recordSetIdPattern.exec(armId);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup = '', zoneName = '', type = '', name = ''] = match;
  const zone = { subscriptionId, resourceGroup, name: zoneName.toLowerCase() };
  return { zone, type: type.toLowerCase() === 'a' ? 'A' : 'PTR', name: name.toLowerCase() };
}

export const zoneId = (zone: ZoneId): string =>
  `/subscriptions/${zone.subscriptionId}/resourceGroups/${zone.resourceGroup}/providers/Microsoft.Network/privateDnsZones/${zone.name}`;

const zoneIdPattern =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.network\/privatednszones\/([^/]+)$/i;

/** Returns `undefined` for anything but the ARM id of a private zone. */
export function parseZoneId(armId: string): ZoneId | undefined {
  const match = zoneIdPattern.exec(armId);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup = '', name = ''] = match;
  return { subscriptionId, resourceGroup, name: name.toLowerCase() };
}

/** The name that a resolver asks for. */
export const fullName = ({ zone, name }: RecordSetKey): string =>
  name === '@' ? zone.name : `${name}.${zone.name}`;

/** The value of a metadata entry. Azure keeps the casing of metadata keys but does not tell keys apart by it. */
export function metadataValue(metadata: Metadata, key: string): string | undefined {
  const exact = metadata[key];
  if (exact !== undefined) return exact;
  const wanted = key.toLowerCase();
  return Object.entries(metadata).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
