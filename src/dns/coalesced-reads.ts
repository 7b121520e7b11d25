import { isLate, unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { UncertainCallError } from '../lib/errors.ts';
import type { RecordSetLister, RecordSetReader } from './ports.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId, zoneId } from './record-set.ts';

/** Reads of one zone and type that go out one by one before others wait for a listing. */
const maxSingleReads = 8;
/** Fewer than these are read one by one however many go out. */
const minShared = 16;
/** A listing has a time of its own: the caller who happens to be first may have little left. */
const listingMs = 20_000;

interface WaitingRead {
  readonly key: RecordSetKey;
  readonly deadline: Deadline;
  readonly settle: PromiseWithResolvers<ObservedRecordSet | undefined>;
}

/** The reads of one zone and type that are under way or wait. */
interface ReadBatch {
  singles: number;
  isListing: boolean;
  /** Pages of the last listing. */
  pages: number;
  readonly waiting: WaitingRead[];
}

/**
 * Answers a burst of reads of one zone with one listing, because a zone gives 200 reads a minute and many groups
 * may move at once.
 *
 * A listing serves only those reads that were asked for before it began, so each of them could have been made at
 * the listing's time instead: the order in which a reconcile reads is kept. It is made when it costs less than half as
 * many calls as the reads that wait for it. Each read ends with its own deadline, and none with that of another.
 */
export function coalescedReads(reader: RecordSetReader, lister: RecordSetLister): RecordSetReader {
  const batches = new Map<string, ReadBatch>();

  const readSingle = async (batch: ReadBatch, { key, deadline, settle }: WaitingRead): Promise<void> => {
    batch.singles++;
    try {
      settle.resolve(await reader.read(key, deadline));
    } catch (error) {
      settle.reject(error);
    } finally {
      batch.singles--;
      serve(batch);
    }
  };
  const readShared = async (
    batch: ReadBatch,
    waiting: readonly [WaitingRead, ...WaitingRead[]],
  ): Promise<void> => {
    batch.isListing = true;
    try {
      const deadline = deadlineIn(listingMs);
      // A lister that outlives its deadline must not keep the next burst from a listing.
      const listing = listWanted(lister, waiting, deadline);
      const { found, pages } = await unlessAborted(deadline.signal, listing);
      batch.pages = pages;
      for (const { key, settle } of waiting) settle.resolve(found.get(recordSetId(key)));
    } catch (error) {
      for (const { settle } of waiting) settle.reject(error);
    } finally {
      batch.isListing = false;
      serve(batch);
    }
  };
  const serve = (batch: ReadBatch): void => {
    while (batch.singles < maxSingleReads) {
      const next = batch.waiting.shift();
      if (next === undefined) return;
      void readSingle(batch, next);
    }
    if (batch.isListing || batch.waiting.length < Math.max(minShared, 2 * batch.pages)) return;
    const [first, ...rest] = batch.waiting.splice(0);
    if (first !== undefined) void readShared(batch, [first, ...rest]);
  };
  return {
    read(key, deadline) {
      const id = `${zoneId(key.zone)}/${key.type}`.toLowerCase();
      const batch = batches.get(id) ?? { singles: 0, isListing: false, pages: 1, waiting: [] };
      batches.set(id, batch);
      const settle = Promise.withResolvers<ObservedRecordSet | undefined>();
      batch.waiting.push({ key, deadline, settle });
      serve(batch);
      return unlessAborted(deadline.signal, settle.promise).catch((error: unknown) => {
        if (!isLate(error)) throw error;
        const detail = 'no answer in time';
        throw new UncertainCallError(`read ${key.type} ${key.name}`, zoneId(key.zone), detail, {
          cause: error,
        });
      });
    },
  };
}

async function listWanted(
  lister: RecordSetLister,
  [first, ...rest]: readonly [WaitingRead, ...WaitingRead[]],
  deadline: Deadline,
) {
  const wanted = new Set([first, ...rest].map(({ key }) => recordSetId(key)));
  const found = new Map<string, ObservedRecordSet>();
  let pages = 0;
  for await (const page of lister.list(first.key.zone, first.key.type, deadline)) {
    pages++;
    for (const set of page) {
      const id = recordSetId(set.key);
      if (wanted.has(id)) found.set(id, set);
    }
  }
  return { found, pages };
}
