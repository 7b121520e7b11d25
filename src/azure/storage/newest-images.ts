import * as v from 'valibot';
import { asciiJson, parseJson } from '../../lib/json.ts';
import type { NewestImageStore } from '../../replication/newest-images.ts';
import { tableKey, textOf, textProperties } from './entities.ts';
import type { Table } from './tables.ts';

const rowKey = 'newestImages';

const storedImages = v.array(
  v.object({
    repository: v.string(),
    digest: v.string(),
    regions: v.array(v.string()),
    replicatedAtMs: v.number(),
  }),
);

/** One entity a registry, in the table of the reviews. */
export const newestImageTable = (table: Table): NewestImageStore => ({
  async read(registry, deadline) {
    const entity = await table.get(tableKey(registry), rowKey, deadline);
    const parsed = v.safeParse(storedImages, parseJson(entity === undefined ? '' : textOf(entity)));
    // What cannot be read is learned again.
    return parsed.success ? parsed.output : [];
  },
  write: (registry, images, deadline) =>
    table.upsert(
      { partitionKey: tableKey(registry), rowKey, ...textProperties(asciiJson(images)) },
      deadline,
    ),
});
