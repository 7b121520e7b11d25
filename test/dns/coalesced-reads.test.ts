import { describe, expect, it } from 'vitest';
import { coalescedReads } from '../../src/dns/coalesced-reads.ts';
import type { RecordSetLister, RecordSetReader } from '../../src/dns/ports.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId } from '../../src/dns/record-set.ts';
import { unlessAborted } from '../../src/lib/async.ts';
import { type Deadline, deadlineIn } from '../../src/lib/deadline.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

const zone = { subscriptionId: 's', resourceGroup: 'hub', name: 'spoke.example.com' };
const key = (index: number): RecordSetKey => ({ zone, type: 'A', name: `app-${index}` });
const set = (index: number): ObservedRecordSet => ({
  key: key(index),
  etag: `etag-${index}`,
  isAutoRegistered: false,
  values: ['10.1.0.4'],
  ttlSeconds: 60,
  metadata: {},
});
const deadline: Deadline = { signal: new AbortController().signal, remainingMs: () => 25_000 };

/** A zone whose single reads end when they are let go, and that counts what is asked of it. */
function zoneOf(size: number, pageSize = 1000) {
  const counts = { reads: 0, lists: 0, pages: 0 };
  const open: (() => void)[] = [];
  const reader: RecordSetReader = {
    read: async ({ name }) => {
      counts.reads++;
      await new Promise<void>((resolve) => open.push(resolve));
      return set(Number(name.slice(4)));
    },
  };
  const lister: RecordSetLister = {
    async *list() {
      counts.lists++;
      for (let from = 0; from < size; from += pageSize) {
        counts.pages++;
        yield Array.from({ length: Math.min(pageSize, size - from) }, (_, index) => set(from + index));
      }
    },
  };
  const letGo = async () => {
    while (open.length > 0) {
      for (const resolve of open.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { counts, letGo, shared: coalescedReads(reader, lister) };
}

describe('coalesced reads', () => {
  it('go out one by one while they are few', async () => {
    const { counts, letGo, shared } = zoneOf(100);
    const reads = [0, 1, 2, 3].map((index) => shared.read(key(index), deadline));
    await letGo();
    expect((await Promise.all(reads)).map((found) => found?.etag)).toEqual([
      'etag-0',
      'etag-1',
      'etag-2',
      'etag-3',
    ]);
    expect(counts).toEqual({ reads: 4, lists: 0, pages: 0 });
  });

  it('go out eight at a time, and the next when one has ended', async () => {
    const { counts, letGo, shared } = zoneOf(100);
    const reads = Array.from({ length: 20 }, (_, index) => shared.read(key(index), deadline));
    expect(counts).toEqual({ reads: 8, lists: 0, pages: 0 });
    await letGo();
    expect(await Promise.all(reads)).toHaveLength(20);
    expect(counts).toEqual({ reads: 20, lists: 0, pages: 0 });
  });

  it('fail alone while they go out one by one', async () => {
    const reader: RecordSetReader = {
      read: async ({ name }) => (name === 'app-1' ? Promise.reject(new Error('403')) : set(0)),
    };
    const shared = coalescedReads(reader, { async *list() {} });
    const outcomes = await Promise.allSettled([0, 1, 2].map((index) => shared.read(key(index), deadline)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('do not wait for a listing that takes more than half as many calls as there are reads', async () => {
    const { counts, letGo, shared } = zoneOf(600, 20);
    const burst = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => shared.read(key(index), deadline)));
    const first = burst(24);
    await new Promise((resolve) => setImmediate(resolve));
    await letGo();
    await first;
    expect(counts).toEqual({ reads: 8, lists: 1, pages: 30 });
    const second = burst(60);
    await letGo();
    await second;
    expect(counts).toEqual({ reads: 68, lists: 1, pages: 30 });
  });

  it('answer a burst of 600 with a handful of single reads and listings', async () => {
    const { counts, letGo, shared } = zoneOf(600);
    const reads = Array.from({ length: 600 }, (_, index) => shared.read(key(index), deadline));
    await new Promise((resolve) => setImmediate(resolve));
    await letGo();
    const found = await Promise.all(reads);
    expect(found.map((one) => one && recordSetId(one.key))).toEqual(
      reads.map((_, index) => recordSetId(key(index))),
    );
    expect(counts.reads + counts.pages).toBeLessThan(40);
  });

  it('say of a record set that the listing does not show that there is none', async () => {
    const { letGo, shared } = zoneOf(10);
    const reads = Array.from({ length: 40 }, (_, index) => shared.read(key(index), deadline));
    await new Promise((resolve) => setImmediate(resolve));
    await letGo();
    expect((await Promise.all(reads.slice(-5))).every((found) => found === undefined)).toBe(true);
  });

  it('never serve a read from a listing that began before it was asked for', async () => {
    let lists = 0;
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const never = new Promise<never>(() => {});
    const shared = coalescedReads(
      { read: () => never },
      {
        async *list() {
          const version = ++lists;
          began.resolve();
          await goOn.promise;
          yield Array.from({ length: 100 }, (_, index) => ({ ...set(index), etag: `listing-${version}` }));
        },
      },
    );
    const early = Array.from({ length: 40 }, (_, index) => shared.read(key(index), deadline));
    await began.promise;
    const late = Array.from({ length: 40 }, (_, index) => shared.read(key(index + 40), deadline));
    goOn.resolve();
    expect((await early[20])?.etag).toBe('listing-1');
    expect((await late[20])?.etag).not.toBe('listing-1');
  });

  it('fail every read that waited for a listing that fails', async () => {
    const never = new Promise<never>(() => {});
    const next = () => Promise.reject(new Error('quota'));
    const shared = coalescedReads(
      { read: () => never },
      { list: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) },
    );
    const reads = Array.from({ length: 24 }, (_, index) => shared.read(key(index), deadline));
    const outcomes = await Promise.allSettled(reads.slice(8));
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
  });

  it('end with their own deadline, whoever asked first', async () => {
    const never = new Promise<never>(() => {});
    const goOn = Promise.withResolvers<void>();
    const shared = coalescedReads(
      { read: () => never },
      {
        async *list(_zone, _type, listing) {
          // As an SDK would: it ends with the deadline that it was given.
          await unlessAborted(listing.signal, goOn.promise);
          yield Array.from({ length: 100 }, (_, index) => set(index));
        },
      },
    );
    const over = new AbortController();
    const hasty: Deadline = { signal: over.signal, remainingMs: () => 0 };
    // Eight go out one by one; of the others, the hasty one is the first.
    for (let index = 0; index < 8; index++) void shared.read(key(index), deadline).catch(() => {});
    const first = shared.read(key(8), hasty);
    const others = Array.from({ length: 15 }, (_, index) => shared.read(key(index + 9), deadline));
    over.abort(new Error('the time is over'));
    await expect(first).rejects.toThrow('the time is over');
    goOn.resolve();
    expect((await Promise.all(others)).map((found) => found?.etag)).toEqual(
      others.map((_, index) => `etag-${index + 9}`),
    );
  });
});

describe('a listing that hangs', () => {
  simulateTime();

  const never = () => new Promise<never>(() => {});
  /** Eight reads that hang, and one whose deadline is in a minute, beside others that wait with it. */
  const readBehind = (list: RecordSetLister['list']): Promise<unknown> => {
    const shared = coalescedReads({ read: never }, { list });
    const reads = Array.from({ length: 8 + 16 }, (_, index) => shared.read(key(index), deadlineIn(60_000)));
    for (const read of reads) read.catch(() => {});
    return reads.at(-1) ?? never();
  };
  const listing = (next: (deadline: Deadline) => Promise<never>): RecordSetLister['list'] => {
    return (_zone, _type, limit) => ({ [Symbol.asyncIterator]: () => ({ next: () => next(limit) }) });
  };

  it.each([
    ['and heeds no signal', listing(never)],
    ['until its time is over', listing(({ signal }) => unlessAborted(signal, never()))],
  ])('%s ends after 20 s, whatever those who wait for it have left', async (_, list) => {
    expect(await endings([{ work: readBehind(list) }])).toEqual([
      {
        afterMs: 20_000,
        outcome: expect.stringMatching(/^UncertainCallError: read A app-23 .* no answer in time/),
      },
    ]);
  });
});
