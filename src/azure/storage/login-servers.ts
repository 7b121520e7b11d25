import type { LoginServerStore } from '../../registries/login-servers.ts';
import { tableKey } from './entities.ts';
import type { Table } from './tables.ts';

const rowKey = 'loginServer';

/** One entity a registry, in the table of the reviews. */
export const loginServerTable = (table: Table): LoginServerStore => ({
  async read(armId, deadline) {
    const loginServer = (await table.get(tableKey(armId), rowKey, deadline))?.['loginServer'];
    return typeof loginServer === 'string' && loginServer !== '' ? loginServer : undefined;
  },
  write: (armId, loginServer, deadline) =>
    table.upsert({ partitionKey: tableKey(armId), rowKey, loginServer }, deadline),
});
