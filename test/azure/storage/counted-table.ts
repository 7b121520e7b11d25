import type { Table } from '../../../src/azure/storage/tables.ts';

/** A table that counts its reads. */
export function countedTable(table: Table) {
  const counts = { reads: 0, listings: 0, keyListings: 0 };
  const counted: Table = {
    ...table,
    get(...args) {
      counts.reads++;
      return table.get(...args);
    },
    pages(deadline, query) {
      counts[query?.keysOnly ? 'keyListings' : 'listings']++;
      return table.pages(deadline, query);
    },
  };
  return {
    table: counted,
    /** What was counted since this was asked last. */
    take() {
      const taken = { ...counts };
      Object.assign(counts, { reads: 0, listings: 0, keyListings: 0 });
      return taken;
    },
  };
}
