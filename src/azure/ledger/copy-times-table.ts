import * as v from 'valibot';
import { asciiJson } from '../../ascii-json.ts';
import { parseJson } from '../../lib/json.ts';
import type { CopyTimesStore } from '../../replication/ports.ts';
import { textOf, textProperties } from '../long-text.ts';
import type { Table } from '../storage/tables.ts';
import { tableKey } from '../table-key.ts';

const rowKey = 'times';
const schema = v.record(v.string(), v.record(v.string(), v.array(v.number())));

/** One entity a registry. */
export function copyTimesTable(table: Table): CopyTimesStore {
  return {
    async read(registry) {
      const entity = await table.get(tableKey(registry), rowKey);
      if (entity === undefined) return undefined;
      const parsed = v.safeParse(schema, parseJson(textOf(entity)));
      // It only serves estimates: what cannot be read is learned anew.
      return { times: parsed.success ? parsed.output : {}, version: entity.etag };
    },
    async write(registry, times, version) {
      const entity = { partitionKey: tableKey(registry), rowKey, ...textProperties(asciiJson(times)) };
      await (version === undefined ? table.insert(entity) : table.replace(entity, version));
    },
  };
}
