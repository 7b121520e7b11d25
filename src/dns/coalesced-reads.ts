import type { Deadline } from '../lib/deadline.ts';
import type { RecordSetLister, RecordSetReader } from './ports.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId, zoneId } from './record-set.ts';

/** Reads of one zone and type that go out one by one before others wait for a listing. */
const maxSingleReads = 8;
/** Fewer than these are read one by one however many go out. */
const minShared = 16;

interface Waiting {
  readonly key: RecordSetKey;
  readonly deadline: Deadline;
  readonly settle: PromiseWithResolvers<ObservedRecordSet | undefined>;
}

interface Lane {
  singles: number;
  isListing: boolean;
  /** Of the last listing. */
  pages: number;
  readonly waiting: Waiting[];
}

/**
 * Answers a burst of reads of one zone with one listing, because a zone gives 200 reads a minute and many groups
 * may move at once.
 *
 * A listing serves only those reads that were asked for before it began, so each of them could have been made at
 * the listing's time instead: the order in which a pass reads is kept. It is made when it costs less than half as
 * many calls as the reads that wait for it.
 */
export function coalescedReads(reader: RecordSetReader, lister: RecordSetLister): RecordSetReader {
  const lanes = new Map<string, Lane>();

  const readSingle = async (lane: Lane, { key, deadline, settle }: Waiting): Promise<void> => {
    lane.singles++;
    try {
      settle.resolve(await reader.read(key, deadline));
    } catch (error) {
      settle.reject(error);
    } finally {
      lane.singles--;
      serve(lane);
    }
  };
  const readShared = async (lane: Lane, batch: readonly [Waiting, ...Waiting[]]): Promise<void> => {
    lane.isListing = true;
    try {
      const { found, pages } = await listWanted(lister, batch);
      lane.pages = pages;
      for (const { key, settle } of batch) settle.resolve(found.get(recordSetId(key)));
    } catch (error) {
      for (const { settle } of batch) settle.reject(error);
    } finally {
      lane.isListing = false;
      serve(lane);
    }
  };
  const serve = (lane: Lane): void => {
    while (lane.singles < maxSingleReads) {
      const next = lane.waiting.shift();
      if (next === undefined) return;
      void readSingle(lane, next);
    }
    if (lane.isListing || lane.waiting.length < Math.max(minShared, 2 * lane.pages)) return;
    const [first, ...rest] = lane.waiting.splice(0);
    if (first !== undefined) void readShared(lane, [first, ...rest]);
  };
  return {
    read(key, deadline) {
      const id = `${zoneId(key.zone)}/${key.type}`.toLowerCase();
      const lane = lanes.get(id) ?? { singles: 0, isListing: false, pages: 1, waiting: [] };
      lanes.set(id, lane);
      const settle = Promise.withResolvers<ObservedRecordSet | undefined>();
      lane.waiting.push({ key, deadline, settle });
      serve(lane);
      return settle.promise;
    },
  };
}

async function listWanted(lister: RecordSetLister, [first, ...rest]: readonly [Waiting, ...Waiting[]]) {
  const wanted = new Set([first, ...rest].map(({ key }) => recordSetId(key)));
  const found = new Map<string, ObservedRecordSet>();
  let pages = 0;
  for await (const page of lister.list(first.key.zone, first.key.type, first.deadline)) {
    pages++;
    for (const set of page) {
      const id = recordSetId(set.key);
      if (wanted.has(id)) found.set(id, set);
    }
  }
  return { found, pages };
}
