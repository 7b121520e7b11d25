import { StateChangedError } from '../../state-errors.ts';
import type { Table } from '../storage/tables.ts';
import { byPartition, type Keys } from './partitions.ts';

/** Deletes entities, a transaction a hundred. */
export async function deleteAll(table: Table, all: readonly Keys[]): Promise<void> {
  for (const group of byPartition(all)) {
    try {
      await table.transact(group.map((keys) => ['delete', keys]));
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      // One that is gone already undoes the whole transaction; alone, it is deleted.
      for (const { partitionKey, rowKey } of group) await table.delete(partitionKey, rowKey);
    }
  }
}
