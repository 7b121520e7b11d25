import * as v from 'valibot';
import { RecordSetChangedError, ZoneMissingError } from '../../dns/errors.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId, zoneId } from '../../dns/record-set.ts';
import { refusalOf, toCallError } from './errors.ts';

/** That of the SDK. */
export const apiVersion = '2024-06-01';

const propertiesSchema = v.object({
  isAutoRegistered: v.nullish(v.boolean()),
  ttl: v.nullish(v.number()),
  metadata: v.nullish(v.record(v.string(), v.string())),
  aRecords: v.nullish(v.array(v.object({ ipv4Address: v.nullish(v.string()) }))),
  ptrRecords: v.nullish(v.array(v.object({ ptrdname: v.nullish(v.string()) }))),
});
/** A record set, as Resource Manager answers a read. */
export const readSchema = v.object({ etag: v.string(), properties: propertiesSchema });

/** What a record set shows, as the SDK and {@link readSchema} have it. */
type ShownRecordSet = { readonly etag?: string } & Partial<v.InferOutput<typeof propertiesSchema>>;

export const observedOf = (key: RecordSetKey, set: ShownRecordSet): ObservedRecordSet => ({
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

/** Only the code distinguishes a missing record set from a missing zone: the shape of the body varies by version. */
export function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 404 && /^NotFound$/i.test(refusal.code ?? '');
}

export function toError(error: unknown, verb: string, key: RecordSetKey): Error {
  const refusal = refusalOf(error);
  if (refusal?.status === 412) return new RecordSetChangedError(recordSetId(key), { cause: error });
  const isZoneMissing =
    refusal?.status === 404 &&
    /^(ResourceNotFound|ParentResourceNotFound|ResourceGroupNotFound)$/i.test(refusal.code ?? '');
  if (isZoneMissing) return new ZoneMissingError(zoneId(key.zone), { cause: error });
  const role = verb === 'read' || verb === 'list' ? 'Reader' : 'Private DNS Zone Contributor';
  return toCallError(error, { operation: `${verb} ${key.type} ${key.name}`, scope: zoneId(key.zone), role });
}
