import type { TransactionAction } from '@azure/data-tables';
import type { EntityToWrite } from '../../src/azure/storage/entity-requests.ts';
import type { Table } from '../../src/azure/storage/tables.ts';
import { StateRefusedError } from '../../src/lib/errors.ts';

/**
 * What the service refuses of an entity, and Azurite takes.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 *
 * @returns `undefined` for an entity that it takes.
 */
export function brokenLimit(entity: Readonly<Record<string, unknown>>): string | undefined {
  let bytes = 4;
  for (const [name, value] of Object.entries(entity)) {
    const valueBytes = typeof value === 'string' ? value.length * 2 : 8;
    if (/^(partitionKey|rowKey)$/i.test(name)) {
      if (valueBytes > 1024) return 'KeyValueTooLarge';
      bytes += valueBytes;
      continue;
    }
    if (valueBytes > 64 * 1024) return 'PropertyValueTooLarge';
    bytes += 8 + name.length * 2 + valueBytes + 4;
  }
  if (Object.keys(entity).length > 255) return 'TooManyProperties';
  return bytes > 1024 * 1024 ? 'EntityTooLarge' : undefined;
}

/** The table, which also refuses what the service refuses. */
export function withServiceLimits(table: Table): Table {
  const checked = (entity: EntityToWrite) => {
    const limit = brokenLimit(entity);
    if (limit !== undefined) throw new StateRefusedError(`a write (${limit})`);
    return entity;
  };
  const checkedKeys = (partitionKey: string, rowKey: string) => checked({ partitionKey, rowKey });
  return {
    ...table,
    get: async (partitionKey, rowKey, deadline) => {
      checkedKeys(partitionKey, rowKey);
      return table.get(partitionKey, rowKey, deadline);
    },
    insert: async (entity, deadline) => table.insert(checked(entity), deadline),
    replace: async (entity, etag, deadline) => table.replace(checked(entity), etag, deadline),
    merge: async (entity, deadline) => table.merge(checked(entity), deadline),
    amend: async (entity, deadline) => table.amend(checked(entity), deadline),
    upsert: async (entity, deadline) => table.upsert(checked(entity), deadline),
    delete: async (partitionKey, rowKey, deadline, etag) => {
      checkedKeys(partitionKey, rowKey);
      return table.delete(partitionKey, rowKey, deadline, etag);
    },
    transact: async (actions: readonly TransactionAction[], deadline) => {
      for (const [, entity] of actions)
        if (brokenLimit(entity) !== undefined) throw new StateRefusedError('a transaction');
      return table.transact(actions, deadline);
    },
  };
}
