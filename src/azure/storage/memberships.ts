import * as v from 'valibot';
import { asciiJson, parseJson } from '../../lib/json.ts';
import type { Member, MembershipStore } from '../../registries/membership.ts';
import { tableKey, textOf, textProperties } from './entities.ts';
import type { Table } from './tables.ts';

const rowKey = 'replicas';

const time = v.optional(v.number());
const storedMember = v.pipe(
  v.object({
    name: v.string(),
    creatingAtMs: time,
    readyAtMs: time,
    isUsable: v.boolean(),
    absentSinceMs: time,
    goneAtMs: time,
  }),
  v.transform(
    ({ name, creatingAtMs, readyAtMs, isUsable, absentSinceMs, goneAtMs }): Member => ({
      name,
      creatingAtMs,
      readyAtMs,
      isUsable,
      absentSinceMs,
      goneAtMs,
    }),
  ),
);
const storedMembership = v.record(v.string(), storedMember);

/** One entity a registry beside that of its review, with the replicas that were ever seen. */
export const membershipsTable = (table: Table): MembershipStore => ({
  async read(registryKey, deadline) {
    const entity = await table.get(tableKey(registryKey), rowKey, deadline);
    if (entity === undefined) return undefined;
    const parsed = v.safeParse(storedMembership, parseJson(textOf(entity)));
    // What cannot be read is learned again, as after the installation.
    const members = parsed.success ? Object.entries(parsed.output) : [];
    return { membership: new Map(members), version: entity.etag };
  },
  async write(registryKey, membership, version, deadline) {
    const text = asciiJson(Object.fromEntries(membership));
    const entity = { partitionKey: tableKey(registryKey), rowKey, ...textProperties(text) };
    await (version === undefined ? table.insert(entity, deadline) : table.replace(entity, version, deadline));
  },
});
