import type { RecordSetLister, RecordSetReader, RecordSetWriter } from '../../dns/ports.ts';
import { type ObservedRecordSet, type RecordSetKey, zoneId } from '../../dns/record-set.ts';
import { once } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { type ArmAccess, callInTime } from './client.ts';
import { type ReadResource, resourceReads } from './resource-reads.ts';
import { apiVersion, isAbsent, observedOf, readSchema, toError } from './shown-record-set.ts';

/**
 * A composition that must not write leaves the writer out. The SDK is loaded with the first change or listing: most
 * events find everything right.
 */
export function recordSetAdapters(access: ArmAccess): {
  reader: RecordSetReader;
  writer: RecordSetWriter;
  lister: RecordSetLister;
} {
  const load = once(async () => {
    const { recordSetChanges } = await import('./record-set-changes.ts');
    return recordSetChanges(access);
  });
  return {
    reader: recordSetReader(resourceReads(access, apiVersion)),
    writer: {
      create: async (...args) => (await load()).writer.create(...args),
      update: async (...args) => (await load()).writer.update(...args),
      delete: async (...args) => (await load()).writer.delete(...args),
    },
    lister: {
      async *list(...args) {
        yield* (await load()).lister.list(...args);
      },
    },
  };
}

/** https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/get */
const recordSetReader = (read: ReadResource): RecordSetReader => ({
  async read(key: RecordSetKey, deadline: Deadline): Promise<ObservedRecordSet | undefined> {
    try {
      const { etag, properties } = await callInTime(deadline, (abortSignal) =>
        read(`${zoneId(key.zone)}/${key.type}/${key.name}`, readSchema, abortSignal),
      );
      return observedOf(key, { etag, ...properties });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw toError(error, 'read', key);
    }
  },
});
