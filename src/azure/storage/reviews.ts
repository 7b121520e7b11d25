import { randomUUID } from 'node:crypto';
import type { Deadline } from '../../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../../lib/errors.ts';
import type { ReviewStateReader, ReviewStateStore } from '../../routing/ports.ts';
import type { ReviewState } from '../../routing/state.ts';
import { decodeReviewState, encodeReviewState } from '../../routing/state-codec.ts';
import { tableKey, textOf, textProperties } from './entities.ts';
import type { Entity, Table } from './tables.ts';

export const reviewTableName = 'EvenkeelReviews';
const rowKey = 'review';

/** An entity holds 1 MiB in UTF-16; the rest is for its names. */
const maxCharacters = 448_000;
/** Each lost race means that another run wrote a whole state. */
const maxAttempts = 5;
const retryAfterMs = 1_000;
/** For so many states, one listing of the ETags costs less than a read of each. */
const minListed = 8;

/** The entities of one version of a state, beside the first one. */
interface Others {
  readonly revision: string;
  readonly entities: number;
}

/** What this process read or wrote last. */
interface Version {
  readonly etag: string;
  readonly others: Others | undefined;
  /** `undefined` when it was not read since it was written, or cannot be. */
  readonly state: ReviewState | undefined;
}

/**
 * The state of the last review of each registry, in as many entities as its text takes. The first one holds the
 * beginning and names the others, which belong to it alone: they are written before it, and removed after its successor
 * is there, or when its write was refused. Its ETag is that of the whole. A crash in between leaves entities that
 * nothing names; they do no harm.
 */
export function reviewTable(table: Table): ReviewStateStore & ReviewStateReader {
  const last = new Map<string, Version>();

  /** What is not removed stays, and is never read. */
  async function remove(key: string, others: Others | undefined, deadline: Deadline): Promise<void> {
    const keys = others === undefined ? [] : rowKeysOf(others);
    await Promise.allSettled(keys.map((other) => table.delete(tableKey(key), other, deadline)));
  }

  /** By partition key. */
  async function listedEtags(deadline: Deadline): Promise<ReadonlyMap<string, string>> {
    const etags = new Map<string, string>();
    for await (const page of table.pages(deadline, { filter: `RowKey eq '${rowKey}'`, keysOnly: true }))
      for (const { partitionKey = '', etag } of page) etags.set(partitionKey, etag);
    return etags;
  }

  const store: ReviewStateStore = {
    async read(key, deadline) {
      let before: Entity | undefined;
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const first = await table.get(tableKey(key), rowKey, deadline);
        if (first === undefined) return undefined;
        const text = await textFrom(first, table, deadline);
        if (text !== undefined) {
          const { etag } = first;
          const known = last.get(key);
          // The status is read more often than reviews write.
          const state = (known?.etag === etag ? known.state : undefined) ?? decodeReviewState(key, text);
          last.set(key, { etag, others: othersOf(first), state });
          return { state, etag };
        }
        // A run that wrote in between has removed them. Otherwise somebody else has, and no state is left.
        if (before?.etag === first.etag) return { state: undefined, etag: first.etag };
        before = first;
      }
      throw new StateUnavailableError(`a read of the review of ${key}`, retryAfterMs);
    },

    async write(key, state, etag, deadline) {
      // An empty ETag would be sent as no condition.
      if (etag === '') throw new StateChangedError(`a write of the review of ${key}`);
      const partitionKey = tableKey(key);
      const [beginning = '', ...texts] = chunksOf(encodeReviewState(state));
      const others = texts.length === 0 ? undefined : { revision: randomUUID(), entities: texts.length + 1 };
      const rowKeys = others === undefined ? [] : rowKeysOf(others);
      const first = {
        partitionKey,
        rowKey,
        // For people who read the table.
        reviewedAt: state.reviewedAt,
        ...others,
        ...textProperties(beginning),
      };
      try {
        await Promise.all(
          rowKeys.map((other, index) =>
            table.upsert({ partitionKey, rowKey: other, ...textProperties(texts[index] ?? '') }, deadline),
          ),
        );
        const written = await (etag === undefined
          ? table.insert(first, deadline)
          : table.replace(first, etag, deadline));
        const replaced = last.get(key);
        last.set(key, { etag: written, others, state: undefined });
        if (replaced?.etag === etag) await remove(key, replaced?.others, deadline);
        return written;
      } catch (error) {
        // After any other error the first entity may have been written, and it would name them.
        if (error instanceof StateChangedError) await remove(key, others, deadline);
        throw error;
      }
    },
  };

  return {
    ...store,
    async readAll(keys, deadline) {
      const etags = keys.length < minListed ? undefined : await listedEtags(deadline);
      const read = async (key: string): Promise<[string, ReviewState][]> => {
        const known = last.get(key);
        const etag = etags?.get(tableKey(key));
        const isSame = known?.state !== undefined && known.etag !== '' && known.etag === etag;
        if (etags !== undefined && etag === undefined) return [];
        const state = isSame ? known.state : (await store.read(key, deadline))?.state;
        return state === undefined ? [] : [[key, state]];
      };
      return new Map((await Promise.all(keys.map(read))).flat());
    },
  };
}

function othersOf({ revision, entities }: Entity): Others | undefined {
  return typeof revision === 'string' && typeof entities === 'number' ? { revision, entities } : undefined;
}

const rowKeysOf = ({ revision, entities }: Others): string[] =>
  Array.from({ length: entities - 1 }, (_, index) => `${rowKey}-${revision}-${index + 1}`);

const chunksOf = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / maxCharacters) }, (_, index) =>
    text.slice(index * maxCharacters, (index + 1) * maxCharacters),
  );

/** @returns `undefined` when an entity is missing. */
async function textFrom(first: Entity, table: Table, deadline: Deadline): Promise<string | undefined> {
  const { partitionKey = '' } = first;
  const others = othersOf(first);
  if (others === undefined) return textOf(first);
  const found = await Promise.all(rowKeysOf(others).map((other) => table.get(partitionKey, other, deadline)));
  const texts = found.map((other) => other && textOf(other));
  return texts.includes(undefined) ? undefined : [textOf(first), ...texts].join('');
}
