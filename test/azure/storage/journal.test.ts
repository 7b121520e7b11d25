import { beforeEach, describe, expect, it } from 'vitest';
import { journalTable, journalTableName } from '../../../src/azure/storage/journal.ts';
import { openTable, type Table } from '../../../src/azure/storage/tables.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { emptyJournalPage, mergeJournalPages, withRepair, withSignals } from '../../../src/status/journal.ts';
import { aStorageAccount } from '../../support/storage-account.ts';
import { countedTable } from './counted-table.ts';

const soon = () => deadlineIn(20_000);
const hourMs = 60 * 60 * 1000;

/** A page of a process that repaired once, and published a signal of its own. */
const pageOf = (process: number) => {
  const now = new Date();
  const signal = {
    id: `${process}`,
    type: 'evenkeel.dns.conflict',
    source: 's',
    subject: 's',
    data: {},
  } as const;
  return withSignals(withRepair(emptyJournalPage, 'event', 'rg-spoke-a', now), [signal], now);
};

describe('the journal of processes that come and go', () => {
  let table: Table;
  beforeEach(async () => {
    const { connectionString } = await aStorageAccount();
    table = openTable(journalTableName, { kind: 'connectionString', connectionString }, undefined);
  });

  const write = async (processes: number): Promise<void> => {
    const journal = journalTable(table, () => new Date());
    await Promise.all(
      Array.from({ length: processes }, (_, index) => journal.write(`page-${index}`, pageOf(index), soon())),
    );
  };
  /** What a process reads whose clock is some hours ahead of the writes. */
  const readLater = async (hours: number, from = table) => {
    const now = new Date(Date.now() + hours * hourMs);
    return mergeJournalPages(await journalTable(from, () => now).readOthers('own', soon()), now);
  };
  const rows = async (): Promise<number> => {
    let found = 0;
    for await (const page of table.pages(soon())) found += page.length;
    return found;
  };

  it('shows a reader what changed since it read last, and forgets what is gone', async () => {
    const journal = journalTable(table, () => new Date());
    const repairs = async () =>
      mergeJournalPages(await journal.readOthers('own', soon()), new Date()).repairs.event;
    await write(2);
    expect([await repairs(), await repairs()]).toEqual([2, 2]);
    await journal.write('page-0', withRepair(pageOf(0), 'event', 'rg-spoke-a', new Date()), soon());
    expect(await repairs()).toBe(3);
    await table.delete('journal', 'page-1', soon());
    expect(await repairs()).toBe(2);
  });

  it('of many processes costs a reader no more than what has changed', async () => {
    const counted = countedTable(table);
    const journal = journalTable(counted.table, () => new Date());
    const repairs = async () =>
      mergeJournalPages(await journal.readOthers('own', soon()), new Date()).repairs.event;
    await write(60);
    expect([await repairs(), counted.take()]).toEqual([60, { reads: 0, listings: 1, keyListings: 0 }]);
    expect([await repairs(), counted.take()]).toEqual([60, { reads: 0, listings: 0, keyListings: 1 }]);
    const twice = withRepair(pageOf(0), 'event', 'rg-spoke-a', new Date());
    await journal.write('page-0', twice, soon());
    await journal.write('page-60', twice, soon());
    await table.delete('journal', 'page-1', soon());
    expect([await repairs(), counted.take()]).toEqual([62, { reads: 2, listings: 0, keyListings: 1 }]);
    for (let page = 0; page < 9; page++) await journal.write(`page-${page}`, twice, soon());
    expect([await repairs(), counted.take()]).toEqual([71, { reads: 0, listings: 1, keyListings: 1 }]);
  });

  it('is read as a whole once its archive has changed, which may have taken what was known', async () => {
    const counted = countedTable(table);
    const own = journalTable(counted.table, () => new Date());
    await write(60);
    const before = mergeJournalPages(await own.readOthers('own', soon()), new Date());
    await readLater(25);
    counted.take();
    const after = mergeJournalPages(await own.readOthers('own', soon()), new Date());
    expect(after.repairs).toEqual(before.repairs);
    expect(counted.take()).toEqual({ reads: 0, listings: 1, keyListings: 1 });
  });

  it('is read as a whole when the archive takes a page between the listing and the read of that page', async () => {
    const taking: Table = {
      ...table,
      async get(partition, row, deadline) {
        await readLater(25);
        return table.get(partition, row, deadline);
      },
    };
    const own = journalTable(taking, () => new Date());
    await write(60);
    await own.readOthers('own', soon());
    await journalTable(table, () => new Date()).write('page-60', pageOf(60), soon());
    expect(mergeJournalPages(await own.readOthers('own', soon()), new Date()).repairs.event).toBe(61);
  });

  it('is the same before and after the pages of a day ago become one', async () => {
    await write(40);
    expect((await readLater(1)).repairs).toEqual({ event: 40, audit: 0 });
    expect(await rows()).toBe(40);
    const first = await readLater(25);
    expect(first.repairs).toEqual({ event: 40, audit: 0 });
    expect(first.signals).toHaveLength(40);
    expect(await rows()).toBe(1);
    const again = await readLater(25);
    expect(again.repairs).toEqual(first.repairs);
    expect(new Set(again.signals)).toEqual(new Set(first.signals));
  });

  it('counts no page twice when a process died between taking pages over and deleting them', async () => {
    await write(10);
    const dying: Table = {
      ...table,
      transact: () => Promise.reject(new Error('died')),
      delete: () => Promise.reject(new Error('died')),
    };
    expect((await readLater(25, dying)).repairs).toEqual({ event: 10, audit: 0 });
    expect(await rows()).toBe(11);
    expect((await readLater(25)).repairs).toEqual({ event: 10, audit: 0 });
    // The next pages that are taken over clear what is left.
    await journalTable(table, () => new Date()).write('archive-me-0', pageOf(100), soon());
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        journalTable(table, () => new Date()).write(`later-${index}`, pageOf(200 + index), soon()),
      ),
    );
    expect((await readLater(25)).repairs).toEqual({ event: 19, audit: 0 });
    expect(await rows()).toBe(1);
  });

  it('is right when several readers take the pages over at once', async () => {
    await write(20);
    const read = await Promise.all([readLater(25), readLater(25), readLater(25)]);
    expect(read.map(({ repairs }) => repairs.event)).toEqual([20, 20, 20]);
    expect((await readLater(25)).repairs).toEqual({ event: 20, audit: 0 });
    expect(await rows()).toBe(1);
  });

  it('is bounded by days, whatever was taken over', async () => {
    await write(9);
    await readLater(25);
    expect((await readLater(24 * 8)).repairs).toEqual({ event: 0, audit: 0 });
  });
});
