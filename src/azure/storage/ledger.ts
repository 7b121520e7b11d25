import { createHash } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import * as v from 'valibot';
import { StateChangedError, StateUnavailableError } from '../../lib/errors.ts';
import { asciiJson, parseJson } from '../../lib/json.ts';
import type { Image, ImageId } from '../../replication/image.ts';
import { decodeImage, encodeImage } from '../../replication/image-codec.ts';
import type {
  CopyTimesStore,
  FinishedEntry,
  FinishedImages,
  ImageLedger,
  Ledger,
  OpenEntry,
  OpenImages,
  TagCandidate,
  TagId,
  TagLedger,
} from '../../replication/ledger.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';
import {
  type Entity,
  openTable,
  type Table,
  tableKey,
  tableKeyParts,
  textOf,
  textProperties,
} from './tables.ts';

/** The ledger in Table storage, a table a concern: so that the index stays small however many images there are. */
export function ledgerTables(connection: StorageConnection, credential: TokenCredential | undefined): Ledger {
  const open = (name: string) => openTable(name, connection, credential);
  return {
    images: imagesTable(open('EvenkeelImages')),
    tags: tagsTable(open('EvenkeelTags')),
    open: openImagesTable(open('EvenkeelOpenImages')),
    finished: finishedImagesTable(open('EvenkeelFinishedImages')),
    copyTimes: copyTimesTable(open('EvenkeelCopyTimes')),
  };
}

/** Images of one repository are spread over 256 partitions, by their digests. */
function imageKeys({ registry, repository, digest }: ImageId) {
  const start = digest.slice(digest.indexOf(':') + 1).slice(0, 2);
  return { partitionKey: tableKey(registry, repository, start), rowKey: tableKey(digest) };
}

export function imagesTable(table: Table): ImageLedger {
  const entityOf = (image: Image) => ({ ...imageKeys(image.id), ...textProperties(encodeImage(image)) });
  return {
    async read(id) {
      const { partitionKey, rowKey } = imageKeys(id);
      const entity = await table.get(partitionKey, rowKey);
      return entity && { image: decodeImage(id, textOf(entity)), version: entity.etag };
    },
    insert: async (image) => ({ image, version: await table.insert(entityOf(image)) }),
    update: async (image, version) => ({ image, version: await table.replace(entityOf(image), version) }),
    async remove(id, version) {
      const { partitionKey, rowKey } = imageKeys(id);
      await table.delete(partitionKey, rowKey, version);
    },
  };
}

/** An entity holds 252 properties; a tag that moves with every build would fill them. */
const keptCandidates = 50;
const crowded = 150;

const tagKeys = ({ registry, repository, tag }: TagId) => ({
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
    const entity = { ...tagKeys(tag), [propertyOf(digest)]: `${atMs} ${digest}` };
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
    const { partitionKey, rowKey } = tagKeys(tag);
    const entity = await table.get(partitionKey, rowKey);
    return entity && { etag: entity.etag, candidates: candidatesOf(entity) };
  }

  /** Leaves only these, unless somebody else changes the entity at the same time. */
  async function keep(
    tag: TagId,
    { etag }: { etag: string },
    candidates: readonly TagCandidate[],
  ): Promise<void> {
    const { partitionKey, rowKey } = tagKeys(tag);
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

/** The first hexadecimal digit of the digest: 16 partitions take more than an account can. */
const shardOf = ({ digest }: ImageId): string => digest.charAt(digest.indexOf(':') + 1);

const openKeys = (id: ImageId, generation: number) => ({
  partitionKey: tableKey(shardOf(id)),
  rowKey: tableKey(id.registry, id.repository, id.digest, String(generation)),
});

/** Entries hold nothing but their keys. */
export function openImagesTable(table: Table): OpenImages {
  return {
    add: (id, generation) => table.upsert(openKeys(id, generation)),
    async *pages() {
      for await (const page of table.pages()) yield page.flatMap(openEntryOf);
    },
    remove: (entries) =>
      deleteAll(
        table,
        entries.map(({ id, generation }) => openKeys(id, generation)),
      ),
  };
}

function openEntryOf({ rowKey, timestamp }: Entity): OpenEntry[] {
  const [registry, repository, digest, generation] = tableKeyParts(rowKey ?? '');
  if (registry === undefined || repository === undefined || digest === undefined) return [];
  const addedAtMs = Date.parse(timestamp ?? '');
  return [{ id: { registry, repository, digest }, generation: Number(generation), addedAtMs }];
}

/** A partition a day, and within it in the order of time: ISO 8601 sorts as text. */
const finishedKeys = ({ id, generation, finishedAtMs }: FinishedEntry) => {
  const time = new Date(finishedAtMs).toISOString();
  return {
    partitionKey: time.slice(0, 10),
    rowKey: tableKey(time, id.registry, id.repository, id.digest, String(generation)),
  };
};

export function finishedImagesTable(table: Table): FinishedImages {
  return {
    async add(entries) {
      for (const keys of byPartition(entries.map(finishedKeys))) {
        await table.transact(keys.map((entity) => ['upsert', entity, 'Replace']));
      }
    },
    async *pagesBefore(timeMs) {
      const time = new Date(timeMs).toISOString();
      const day = time.slice(0, 10);
      const filter = `PartitionKey lt '${day}' or (PartitionKey eq '${day}' and RowKey lt '${tableKey(time)}')`;
      for await (const page of table.pages(filter)) yield page.flatMap(finishedEntryOf);
    },
    remove: (entries) => deleteAll(table, entries.map(finishedKeys)),
  };
}

function finishedEntryOf({ rowKey }: Entity): FinishedEntry[] {
  const [time, registry, repository, digest, generation] = tableKeyParts(rowKey ?? '');
  if (time === undefined || registry === undefined || repository === undefined || digest === undefined)
    return [];
  const id = { registry, repository, digest };
  return [{ id, generation: Number(generation), finishedAtMs: Date.parse(time) }];
}

const copyTimesRowKey = 'times';
const copyTimesSchema = v.record(v.string(), v.record(v.string(), v.array(v.number())));

/** One entity a registry. */
export function copyTimesTable(table: Table): CopyTimesStore {
  return {
    async read(registry) {
      const entity = await table.get(tableKey(registry), copyTimesRowKey);
      if (entity === undefined) return undefined;
      const parsed = v.safeParse(copyTimesSchema, parseJson(textOf(entity)));
      // It only serves estimates: what cannot be read is learned anew.
      return { times: parsed.success ? parsed.output : {}, version: entity.etag };
    },
    async write(registry, times, version) {
      const entity = {
        partitionKey: tableKey(registry),
        rowKey: copyTimesRowKey,
        ...textProperties(asciiJson(times)),
      };
      await (version === undefined ? table.insert(entity) : table.replace(entity, version));
    },
  };
}

/** Deletes entities, a transaction a hundred. */
export async function deleteAll(table: Table, all: readonly Keys[]): Promise<void> {
  for (const group of byPartition(all)) {
    try {
      await table.transact(group.map((keys) => ['delete', keys]));
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      // One that is gone already undoes the whole transaction; alone, it is deleted.
      for (const { partitionKey, rowKey } of group) await table.delete(partitionKey, rowKey);
    }
  }
}

/** A type rather than an interface: the SDK takes entities with further properties, which an interface is not. */
export type Keys = { partitionKey: string; rowKey: string };

/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions */
const maxActions = 100;

/** Groups that one transaction each can change: of one partition, each key once, 100 at most. */
export function byPartition(all: readonly Keys[]): Keys[][] {
  const unique = new Map(all.map((keys) => [`${keys.partitionKey}\n${keys.rowKey}`, keys]));
  const groups = Map.groupBy(unique.values(), ({ partitionKey }) => partitionKey);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / maxActions) }, (_, index) =>
      group.slice(index * maxActions, (index + 1) * maxActions),
    ),
  );
}
