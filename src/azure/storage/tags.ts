import { createHash } from 'node:crypto';
import type { Deadline } from '../../lib/deadline.ts';
import { StateChangedError, StateRefusedError } from '../../lib/errors.ts';
import type { TagCandidate, TagId, TagLedger } from '../../replication/ledger.ts';
import { tableKey } from './entities.ts';
import type { Entity, Table } from './tables.ts';

/** An entity holds 252 properties, which a tag that moves with every build would fill. A read prunes above this. */
const maxCandidates = 150;
/** Pruning keeps the newest candidates. */
const keptCandidates = 50;

/**
 * The digests that each tag has pointed at. One entity holds a tag, with a property for each digest: writers that do
 * not know of each other merge their own property into it, so that a push costs one call and no read.
 */
export function tagsTable(table: Table): TagLedger {
  async function find(tag: TagId, deadline: Deadline) {
    const { partitionKey, rowKey } = tagKeys(tag);
    const entity = await table.get(partitionKey, rowKey, deadline);
    return entity && { etag: entity.etag, candidates: candidatesOf(entity) };
  }

  /** Removes all candidates but these, unless somebody else changes the entity at the same time. */
  async function keepOnly(
    tag: TagId,
    { etag }: { etag: string },
    candidates: readonly TagCandidate[],
    deadline: Deadline,
  ): Promise<void> {
    const { partitionKey, rowKey } = tagKeys(tag);
    const properties = Object.fromEntries(candidates.map(propertyOf));
    try {
      if (candidates.length === 0) await table.delete(partitionKey, rowKey, deadline, etag);
      else await table.replace({ partitionKey, rowKey, ...properties }, etag, deadline);
    } catch (error) {
      // Pruning can wait for the next read.
      if (!(error instanceof StateChangedError)) throw error;
    }
  }

  return {
    async add(tag, candidate, deadline) {
      const entity = { ...tagKeys(tag), ...Object.fromEntries([propertyOf(candidate)]) };
      try {
        await table.merge(entity, deadline);
      } catch (error) {
        if (!(error instanceof StateRefusedError)) throw error;
        const full = await find(tag, deadline);
        if (full === undefined || full.candidates.length <= keptCandidates) throw error;
        await keepOnly(tag, full, full.candidates.slice(0, keptCandidates), deadline);
        await table.merge(entity, deadline);
      }
    },
    async read(tag, deadline) {
      const found = await find(tag, deadline);
      if (found === undefined) return [];
      if (found.candidates.length > maxCandidates)
        await keepOnly(tag, found, found.candidates.slice(0, keptCandidates), deadline);
      return found.candidates;
    },
    async forget(tag, forgotten, deadline) {
      const found = await find(tag, deadline);
      if (found === undefined) return;
      const left = found.candidates.filter(
        ({ digest, atMs }) => !forgotten.some((one) => one.digest === digest && atMs <= one.atMs),
      );
      if (left.length < found.candidates.length) await keepOnly(tag, found, left, deadline);
    },
  };
}

const tagKeys = ({ registry, repository, tag }: TagId) => ({
  partitionKey: tableKey(registry, repository),
  rowKey: tableKey(tag),
});

/** The name of a property must be an identifier, which a digest is not; a hash of the digest takes its place. */
const propertyOf = ({ digest, atMs }: TagCandidate): [name: string, value: string] => [
  `d${createHash('sha256').update(digest).digest('hex').slice(0, 32)}`,
  `${atMs} ${digest}`,
];

/** The candidates of an entity, newest first. */
function candidatesOf(entity: Entity): TagCandidate[] {
  return Object.entries(entity)
    .flatMap(([name, value]): TagCandidate[] => {
      const [, atMs, digest] = /^d[0-9a-f]{32}$/.test(name) ? (/^(\d+) (.+)$/.exec(String(value)) ?? []) : [];
      return digest === undefined ? [] : [{ digest, atMs: Number(atMs) }];
    })
    .sort((a, b) => b.atMs - a.atMs);
}
