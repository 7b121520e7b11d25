import type { FinishedEntry, FinishedImages } from '../../replication/ports.ts';
import type { Entity, Table } from '../storage/tables.ts';
import { tableKey, tableKeyParts } from '../table-key.ts';
import { deleteAll } from './delete-all.ts';
import { byPartition } from './partitions.ts';

/** A partition a day, and within it in the order of time: ISO 8601 sorts as text. */
const keysOf = ({ id, generation, finishedAtMs }: FinishedEntry) => {
  const time = new Date(finishedAtMs).toISOString();
  return {
    partitionKey: time.slice(0, 10),
    rowKey: tableKey(time, id.registry, id.repository, id.digest, String(generation)),
  };
};

export function finishedImagesTable(table: Table): FinishedImages {
  return {
    async add(entries) {
      for (const keys of byPartition(entries.map(keysOf))) {
        await table.transact(keys.map((entity) => ['upsert', entity, 'Replace']));
      }
    },
    async *pagesBefore(timeMs) {
      const time = new Date(timeMs).toISOString();
      const day = time.slice(0, 10);
      const filter = `PartitionKey lt '${day}' or (PartitionKey eq '${day}' and RowKey lt '${tableKey(time)}')`;
      for await (const page of table.pages(filter)) yield page.flatMap(entryOf);
    },
    remove: (entries) => deleteAll(table, entries.map(keysOf)),
  };
}

function entryOf({ rowKey }: Entity): FinishedEntry[] {
  const [time, registry, repository, digest, generation] = tableKeyParts(rowKey ?? '');
  if (time === undefined || registry === undefined || repository === undefined || digest === undefined)
    return [];
  const id = { registry, repository, digest };
  return [{ id, generation: Number(generation), finishedAtMs: Date.parse(time) }];
}
