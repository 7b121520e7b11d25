import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { type RecordType, recordsMember } from './record-types.ts';

/** A record set as the simulator keeps it; replaced, never changed, by a write. */
export interface RecordSet {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  /** The records as `aRecords`, `ptrRecords` … hold them. */
  readonly records: unknown;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly isAutoRegistered: boolean;
  /** A bare GUID, as the service writes it; every write draws another. */
  readonly etag: string;
}

export const withNewEtag = (set: Omit<RecordSet, 'etag'>): RecordSet => ({ ...set, etag: randomUUID() });

export function renderRecordSet(
  zone: { readonly id: string; readonly name: string },
  set: RecordSet,
): JsonObject {
  return {
    id: `${zone.id}/${set.type}/${set.name}`,
    name: set.name,
    type: `Microsoft.Network/privateDnsZones/${set.type}`,
    etag: set.etag,
    properties: {
      ...(set.metadata === undefined ? {} : { metadata: set.metadata }),
      ttl: set.ttl,
      fqdn: set.name === '@' ? `${zone.name}.` : `${set.name}.${zone.name}.`,
      isAutoRegistered: set.isAutoRegistered,
      [recordsMember[set.type]]: set.records,
    },
  };
}

/** The SOA record set that every zone has from the start. */
export const soaOfZone = (): RecordSet =>
  withNewEtag({
    name: '@',
    type: 'SOA',
    ttl: 3600,
    metadata: undefined,
    isAutoRegistered: false,
    records: {
      email: 'azureprivatedns-host.microsoft.com',
      expireTime: 2_419_200,
      host: 'azureprivatedns.net',
      minimumTtl: 10,
      refreshTime: 3600,
      retryTime: 300,
      serialNumber: 1,
    },
  });
