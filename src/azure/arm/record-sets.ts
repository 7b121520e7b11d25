import { PrivateDnsManagementClient, type RecordSet } from '@azure/arm-privatedns';
import * as v from 'valibot';
import { RecordSetChangedError, ZoneMissingError } from '../../dns/errors.ts';
import type { RecordSetLister, RecordSetReader, RecordSetWriter } from '../../dns/ports.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
  zoneId,
} from '../../dns/record-set.ts';
import type { Deadline } from '../../lib/deadline.ts';
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
import { refusalOf, toCallError } from './errors.ts';
import { type ReadResource, resourceReads } from './resource-reads.ts';

/** The adapters share their clients. A composition that must not write leaves the writer out. */
export function recordSetAdapters(access: ArmAccess): {
  reader: RecordSetReader;
  writer: RecordSetWriter;
  lister: RecordSetLister;
} {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new PrivateDnsManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentials: { scopes: [access.audience] },
      apiVersion,
    });
    const read = resourceReads(client, access, apiVersion);
    prepareClient(client, access);
    return { read, recordSets: client.recordSets };
  });
  const setsOf: RecordSetsOf = ({ zone }) => clientOf(zone.subscriptionId).recordSets;
  return {
    reader: recordSetReader(({ zone }) => clientOf(zone.subscriptionId).read),
    writer: recordSetWriter(setsOf),
    lister: recordSetLister(setsOf),
  };
}

type RecordSetsOf = (key: Pick<RecordSetKey, 'zone'>) => PrivateDnsManagementClient['recordSets'];

/** That of the SDK. */
const apiVersion = '2024-06-01';

const propertiesSchema = v.object({
  isAutoRegistered: v.nullish(v.boolean()),
  ttl: v.nullish(v.number()),
  metadata: v.nullish(v.record(v.string(), v.string())),
  aRecords: v.nullish(v.array(v.object({ ipv4Address: v.nullish(v.string()) }))),
  ptrRecords: v.nullish(v.array(v.object({ ptrdname: v.nullish(v.string()) }))),
});
const readSchema = v.object({ etag: v.string(), properties: propertiesSchema });

/** https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/get */
const recordSetReader = (readOf: (key: RecordSetKey) => ReadResource): RecordSetReader => ({
  async read(key: RecordSetKey, deadline: Deadline): Promise<ObservedRecordSet | undefined> {
    try {
      const { etag, properties } = await callInTime(deadline, (abortSignal) =>
        readOf(key)(`${zoneId(key.zone)}/${key.type}/${key.name}`, readSchema, abortSignal),
      );
      return observedOf(key, { etag, ...properties });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw toError(error, 'read', key);
    }
  },
});

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

/** Azure may take an empty condition for none, and then overwrites whatever is there. */
function condition(key: RecordSetKey, etag: string): string {
  if (etag !== '') return etag;
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

/** Only the code distinguishes a missing record set from a missing zone: the shape of the body varies by version. */
function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 404 && /^NotFound$/i.test(refusal.code ?? '');
}

function toError(error: unknown, verb: string, key: RecordSetKey): Error {
  const refusal = refusalOf(error);
  if (refusal?.status === 412) return new RecordSetChangedError(recordSetId(key), { cause: error });
  const isZoneMissing =
    refusal?.status === 404 &&
    /^(ResourceNotFound|ParentResourceNotFound|ResourceGroupNotFound)$/i.test(refusal.code ?? '');
  if (isZoneMissing) return new ZoneMissingError(zoneId(key.zone), { cause: error });
  const role = verb === 'read' || verb === 'list' ? 'Reader' : 'Private DNS Zone Contributor';
  return toCallError(error, { operation: `${verb} ${key.type} ${key.name}`, scope: zoneId(key.zone), role });
}

/** What a record set shows, as the SDK and {@link readSchema} have it. */
type ShownRecordSet = { readonly etag?: string } & Partial<v.InferOutput<typeof propertiesSchema>>;

const observedOf = (key: RecordSetKey, set: ShownRecordSet): ObservedRecordSet => ({
  key,
  etag: set.etag ?? '',
  isAutoRegistered: set.isAutoRegistered ?? false,
  ttlSeconds: set.ttl ?? 0,
  metadata: set.metadata ?? {},
  values:
    key.type === 'A'
      ? (set.aRecords ?? []).flatMap(({ ipv4Address }) => ipv4Address ?? [])
      : (set.ptrRecords ?? []).flatMap(({ ptrdname }) => ptrdname ?? []),
});

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
