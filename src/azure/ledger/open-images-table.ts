import type { ImageId } from '../../replication/notification.ts';
import type { OpenEntry, OpenImages } from '../../replication/ports.ts';
import type { Entity, Table } from '../storage/tables.ts';
import { tableKey, tableKeyParts } from '../table-key.ts';
import { deleteAll } from './delete-all.ts';

/** The first hexadecimal digit of the digest: 16 partitions take more than an account can. */
const shardOf = ({ digest }: ImageId): string => digest.charAt(digest.indexOf(':') + 1);

const keysOf = (id: ImageId, generation: number) => ({
  partitionKey: tableKey(shardOf(id)),
  rowKey: tableKey(id.registry, id.repository, id.digest, String(generation)),
});

/** Entries hold nothing but their keys. */
export function openImagesTable(table: Table): OpenImages {
  return {
    add: (id, generation) => table.upsert(keysOf(id, generation)),
    async *pages() {
      for await (const page of table.pages()) yield page.flatMap(entryOf);
    },
    remove: (entries) =>
      deleteAll(
        table,
        entries.map(({ id, generation }) => keysOf(id, generation)),
      ),
  };
}

function entryOf({ rowKey, timestamp }: Entity): OpenEntry[] {
  const [registry, repository, digest, generation] = tableKeyParts(rowKey ?? '');
  if (registry === undefined || repository === undefined || digest === undefined) return [];
  const addedAtMs = Date.parse(timestamp ?? '');
  return [{ id: { registry, repository, digest }, generation: Number(generation), addedAtMs }];
}
