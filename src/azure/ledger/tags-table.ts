import { createHash } from 'node:crypto';
import type { TagCandidate, TagId, TagLedger } from '../../replication/ports.ts';
import { StateChangedError, StateUnavailableError } from '../../state-errors.ts';
import { refusalOf } from '../arm/errors.ts';
import type { Entity, Table } from '../storage/tables.ts';
import { tableKey } from '../table-key.ts';

/** An entity holds 252 properties; a tag that moves with every build would fill them. */
const keptCandidates = 50;
const crowded = 150;

const keysOf = ({ registry, repository, tag }: TagId) => ({
  partitionKey: tableKey(registry, repository),
  rowKey: tableKey(tag),
});

/** Property names are identifiers, which digests are not. */
const propertyOf = (digest: string): string =>
  `d${createHash('sha256').update(digest).digest('hex').slice(0, 32)}`;

/**
 * One entity a tag, with a property for each digest: writers that know nothing of each other merge theirs in, so that
 * a push costs one call and no read.
 */
export function tagsTable(table: Table): TagLedger {
  async function add(tag: TagId, { digest, atMs }: TagCandidate): Promise<void> {
    const entity = { ...keysOf(tag), [propertyOf(digest)]: `${atMs} ${digest}` };
    try {
      await table.merge(entity);
    } catch (error) {
      if (!(error instanceof StateUnavailableError) || refusalOf(error.cause)?.status !== 400) throw error;
      const crowd = await read(tag);
      if (crowd === undefined || crowd.candidates.length <= keptCandidates) throw error;
      await keep(tag, crowd, crowd.candidates.slice(0, keptCandidates));
      await table.merge(entity);
    }
  }

  async function read(tag: TagId) {
    const { partitionKey, rowKey } = keysOf(tag);
    const entity = await table.get(partitionKey, rowKey);
    return entity && { etag: entity.etag, candidates: candidatesOf(entity) };
  }

  /** Leaves only these, unless somebody else changes the entity at the same time. */
  async function keep(
    tag: TagId,
    { etag }: { etag: string },
    candidates: readonly TagCandidate[],
  ): Promise<void> {
    const { partitionKey, rowKey } = keysOf(tag);
    const properties = candidates.map(({ digest, atMs }) => [propertyOf(digest), `${atMs} ${digest}`]);
    try {
      if (candidates.length === 0) await table.delete(partitionKey, rowKey, etag);
      else await table.replace({ partitionKey, rowKey, ...Object.fromEntries(properties) }, etag);
    } catch (error) {
      // It is tidying only, and comes again.
      if (!(error instanceof StateChangedError)) throw error;
    }
  }

  return {
    add,
    async read(tag) {
      const found = await read(tag);
      if (found === undefined) return [];
      if (found.candidates.length > crowded)
        await keep(tag, found, found.candidates.slice(0, keptCandidates));
      return found.candidates;
    },
    async forget(tag, digests) {
      const found = await read(tag);
      if (found === undefined) return;
      const left = found.candidates.filter(({ digest }) => !digests.includes(digest));
      if (left.length < found.candidates.length) await keep(tag, found, left);
    },
  };
}

function candidatesOf(entity: Entity): TagCandidate[] {
  return Object.entries(entity)
    .flatMap(([name, value]): TagCandidate[] => {
      const [, atMs, digest] = /^d[0-9a-f]{32}$/.test(name) ? (/^(\d+) (.+)$/.exec(String(value)) ?? []) : [];
      return digest === undefined ? [] : [{ digest, atMs: Number(atMs) }];
    })
    .sort((a, b) => b.atMs - a.atMs);
}
