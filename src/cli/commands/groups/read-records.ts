import pLimit from 'p-limit';
import type { Unread } from '../../../dns/audit/report.ts';
import { ZoneMissingError } from '../../../dns/errors.ts';
import type { RecordSetLister, RecordSetReader } from '../../../dns/ports.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId, zoneId } from '../../../dns/record-set.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { describeError } from '../../../lib/errors.ts';
import type { RecordReading } from './group-row.ts';

interface RecordPorts {
  readonly reader: RecordSetReader;
  readonly lister: RecordSetLister;
}

/** Up to so many record sets of a zone are read one by one: a zone holds up to 25,000, a hundred on each page. */
const maxSingleReads = 10;
const concurrency = 6;

/**
 * Reads the A record sets of some groups, and no more than is needed: each by itself where there are few of a zone, and
 * else the zone once. What cannot be read is `unread`, and never absent.
 */
export async function readRecords(
  keys: readonly RecordSetKey[],
  { reader, lister }: RecordPorts,
  deadline: Deadline,
): Promise<{ readonly recordOf: (key: RecordSetKey) => RecordReading; readonly unread: readonly Unread[] }> {
  const limit = pLimit(concurrency);
  const found = new Map<string, RecordReading>();
  const unread: Unread[] = [];
  const keep = (key: RecordSetKey, record: ObservedRecordSet | undefined) =>
    found.set(recordSetId(key), record);
  const attempt = (scope: string, wanted: readonly RecordSetKey[], read: () => Promise<void>) =>
    limit(read).catch((error: unknown) => {
      // Nothing is in a zone that is not there.
      if (error instanceof ZoneMissingError) return;
      for (const key of wanted) found.set(recordSetId(key), 'unread');
      unread.push({ scope, reason: describeError(error) });
    });
  const byZone = Map.groupBy(keys, ({ zone }) => zoneId(zone).toLowerCase());
  await Promise.all(
    [...byZone].flatMap(([id, wanted]) => {
      const [first] = wanted;
      if (first === undefined) return [];
      if (wanted.length <= maxSingleReads) {
        return wanted.map((key) =>
          attempt(recordSetId(key), [key], async () => void keep(key, await reader.read(key, deadline))),
        );
      }
      const names = new Set(wanted.map(({ name }) => name));
      return [
        attempt(id, wanted, async () => {
          for await (const page of lister.list(first.zone, 'A', deadline)) {
            for (const set of page) if (names.has(set.key.name)) keep(set.key, set);
          }
        }),
      ];
    }),
  );
  return { recordOf: (key) => found.get(recordSetId(key)), unread };
}
