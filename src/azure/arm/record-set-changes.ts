import { PrivateDnsManagementClient, type RecordSet } from '@azure/arm-privatedns';
import { RecordSetChangedError } from '../../dns/errors.ts';
import type { RecordSetLister, RecordSetWriter } from '../../dns/ports.ts';
import { type RecordSetContent, type RecordSetKey, recordSetId, zoneId } from '../../dns/record-set.ts';
import { RefusedCallError } from '../../lib/errors.ts';
import {
  type ArmAccess,
  armClientOptions,
  callInTime,
  clientPerSubscription,
  credentialOf,
  pagesInTime,
  prepareClient,
} from './client.ts';
import { apiVersion, isAbsent, observedOf, toError } from './shown-record-set.ts';

/** What the SDK does: changes and listings, which share their clients. */
export function recordSetChanges(access: ArmAccess): { writer: RecordSetWriter; lister: RecordSetLister } {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new PrivateDnsManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentials: { scopes: [access.audience] },
      apiVersion,
    });
    prepareClient(client, access);
    return client;
  });
  const setsOf: RecordSetsOf = ({ zone }) => clientOf(zone.subscriptionId).recordSets;
  return { writer: recordSetWriter(setsOf), lister: recordSetLister(setsOf) };
}

type RecordSetsOf = (key: Pick<RecordSetKey, 'zone'>) => PrivateDnsManagementClient['recordSets'];

/**
 * https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/create-or-update
 *
 * The condition of a write is a header: the service ignores an `etag` in the body.
 */
const recordSetWriter = (setsOf: RecordSetsOf): RecordSetWriter => ({
  async create(key, content, deadline) {
    try {
      await callInTime(deadline, (abortSignal) =>
        setsOf(key).createOrUpdate(...placeOf(key), parametersOf(key, content), {
          ifNoneMatch: '*',
          abortSignal,
        }),
      );
    } catch (error) {
      throw toError(error, 'create', key);
    }
  },
  async update({ key, etag }, content, deadline) {
    try {
      const ifMatch = condition(key, etag);
      await callInTime(deadline, (abortSignal) =>
        setsOf(key).createOrUpdate(...placeOf(key), parametersOf(key, content), { ifMatch, abortSignal }),
      );
    } catch (error) {
      if (isAbsent(error)) throw new RecordSetChangedError(recordSetId(key), { cause: error });
      throw toError(error, 'update', key);
    }
  },
  async delete({ key, etag }, deadline) {
    try {
      const ifMatch = condition(key, etag);
      await callInTime(deadline, (abortSignal) =>
        setsOf(key).delete(...placeOf(key), { ifMatch, abortSignal }),
      );
    } catch (error) {
      if (!isAbsent(error)) throw toError(error, 'delete', key);
    }
  },
});

/** Azure may take an empty condition for none, and `*` holds for everything: either overwrites whatever is there. */
function condition(key: RecordSetKey, etag: string): string {
  if (!/^\s*\*?\s*$/.test(etag)) return etag;
  throw new RefusedCallError(
    `write ${key.type} ${key.name}`,
    zoneId(key.zone),
    'it was read without an ETag',
  );
}

/** With the default of 100, one sweep of a large zone would use up the zone's quota of list calls. */
const pageSize = 1000;

/** https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/list-by-type */
const recordSetLister = (setsOf: RecordSetsOf): RecordSetLister => ({
  async *list(zone, type, deadline) {
    const pages = pagesInTime(deadline, (abortSignal) =>
      setsOf({ zone }).listByType(zone.resourceGroup, zone.name, type, { top: pageSize, abortSignal }),
    );
    try {
      for await (const page of pages) {
        yield page.map((set) => observedOf({ zone, type, name: (set.name ?? '').toLowerCase() }, set));
      }
    } catch (error) {
      throw toError(error, 'list', { zone, type, name: 'record sets' });
    }
  },
});

const placeOf = ({ zone, type, name }: RecordSetKey) => [zone.resourceGroup, zone.name, type, name] as const;

const parametersOf = (
  { type }: RecordSetKey,
  { values, ttlSeconds, metadata }: RecordSetContent,
): RecordSet => ({
  ttl: ttlSeconds,
  metadata: { ...metadata },
  ...(type === 'A'
    ? { aRecords: values.map((ipv4Address) => ({ ipv4Address })) }
    : { ptrRecords: values.map((ptrdname) => ({ ptrdname })) }),
});
