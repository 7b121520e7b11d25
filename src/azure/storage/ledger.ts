import { createHash } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { TransactionAction } from '@azure/data-tables';
import * as v from 'valibot';
import { asciiJson, parseJson } from '../../lib/json.ts';
import { numbersSchema } from '../../lib/last-day.ts';
import type { Image, ImageId } from '../../replication/image.ts';
import { decodeImage, encodeImage } from '../../replication/image-codec.ts';
import type {
  CopyTimesStore,
  FinishedEntry,
  FinishedImages,
  ImageLedger,
  Ledger,
  Notice,
  OpenEntry,
  OpenImages,
  OpenPosition,
  RefusedEntry,
} from '../../replication/ledger.ts';
import { decodeNotice, encodeNotice, noticeIdentity } from '../../replication/notice.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { type Keys, keysWithParts, partsOf, tableKey, textOf, textProperties } from './entities.ts';
import { changeAll, deleteAll, type Entity, openTable, type Table } from './tables.ts';
import { tagsTable } from './tags.ts';

/**
 * The replication ledger in Table storage. Each concern has its own table, so that the index of open images stays
 * small however many images there are.
 *
 * @param credential `undefined` for a connection string, and on loopback.
 */
export function ledgerTables(connection: StorageConnection, credential: TokenCredential | undefined): Ledger {
  return ledgerOver((name) => openTable(name, connection, credential));
}

/** @param open opens a table by its name. */
export function ledgerOver(open: (name: string) => Table): Ledger {
  return {
    images: imagesTable(open('EvenkeelImages')),
    tags: tagsTable(open('EvenkeelTags')),
    open: openImagesTable(open('EvenkeelOpenImages')),
    finished: finishedImagesTable(open('EvenkeelFinishedImages')),
    copyTimes: copyTimesTable(open('EvenkeelCopyTimes')),
  };
}

/** One entity an image. A notification beside the image is a property, so that writers need not know of each other. */
export function imagesTable(table: Table): ImageLedger {
  const entityOf = (image: Image, notices: readonly Notice[]) => ({
    ...imageKeys(image.id),
    ...textProperties(encodeImage(image)),
    ...noticeProperties(notices),
  });
  return {
    async read(id, deadline) {
      const { partitionKey, rowKey } = imageKeys(id);
      const entity = await table.get(partitionKey, rowKey, deadline);
      if (entity === undefined) return undefined;
      const image = decodeImage(id, textOf(entity));
      return { image, version: entity.etag, notices: noticesOf(id, entity) };
    },
    async insert(image, deadline) {
      return { image, version: await table.insert(entityOf(image, []), deadline), notices: [] };
    },
    async update(image, version, deadline, notices = []) {
      return { image, version: await table.replace(entityOf(image, notices), version, deadline), notices };
    },
    append: (id, notices, deadline) =>
      table.amend({ ...imageKeys(id), ...noticeProperties(notices) }, deadline),
    async remove(id, version, deadline) {
      const { partitionKey, rowKey } = imageKeys(id);
      await table.delete(partitionKey, rowKey, deadline, version);
    },
  };
}

/** The name of a property must be an identifier, so a hash of the notification takes its place. */
const noticeProperties = (notices: readonly Notice[]): Record<string, string> =>
  Object.fromEntries(
    notices.map((notice) => {
      const hash = createHash('sha256').update(noticeIdentity(notice)).digest('hex');
      return [`n${hash.slice(0, 32)}`, encodeNotice(notice)];
    }),
  );

/** In the order in which they were received. */
function noticesOf(id: ImageId, entity: Entity): Notice[] {
  const texts = Object.entries(entity).filter(([name]) => /^n[0-9a-f]{32}$/.test(name));
  return texts
    .map(([, text]) => decodeNotice(id, String(text)))
    .sort((a, b) => a.receivedAtMs - b.receivedAtMs);
}

/** The first two hexadecimal digits of the digest spread the images of a repository over 256 partitions. */
function imageKeys({ registry, repository, digest }: ImageId) {
  const start = digest.slice(digest.indexOf(':') + 1).slice(0, 2);
  return { partitionKey: tableKey(registry, repository, start), rowKey: tableKey(digest) };
}

/** The index of open images. Its entities hold nothing but their keys, and the parts of a key that has no room for them. */
function openImagesTable(table: Table): OpenImages {
  return {
    add: (id, generation, deadline) => table.upsert(openEntity({ id, generation }), deadline),
    async *pages(deadline, after) {
      for (const filter of after === undefined ? [undefined] : filtersFrom(openEntity(after))) {
        for await (const page of table.pages(deadline, { filter })) yield page.flatMap(openEntryOf);
      }
    },
    async readPosition(deadline) {
      const entity = await table.get(positionKeys.partitionKey, positionKeys.rowKey, deadline);
      const parsed = v.safeParse(positionSchema, parseJson(String(entity?.['position'])));
      return parsed.success ? parsed.output : undefined;
    },
    async writePosition(position, deadline) {
      const { partitionKey, rowKey } = positionKeys;
      if (position === undefined) return table.delete(partitionKey, rowKey, deadline);
      const { id, generation } = position;
      await table.upsert({ ...positionKeys, position: JSON.stringify({ id, generation }) }, deadline);
    },
    async remove(entries, deadline) {
      const byEntity = new Map(entries.map((entry) => [openEntity(entry), entry]));
      return refusedOf(byEntity, await deleteAll(table, [...byEntity.keys()], deadline));
    },
  };
}

/** Its row key has one part, so that nobody takes it for an entry. */
const positionKeys = { partitionKey: 'review', rowKey: 'position' };
const positionSchema = v.object({
  id: v.object({ registry: v.string(), repository: v.string(), digest: v.string() }),
  generation: v.number(),
});

/** The entities after some keys, and then all others. No key holds a quotation mark. */
const filtersFrom = ({ partitionKey: p, rowKey: r }: Keys): string[] => [
  `PartitionKey gt '${p}' or (PartitionKey eq '${p}' and RowKey gt '${r}')`,
  `PartitionKey lt '${p}' or (PartitionKey eq '${p}' and RowKey le '${r}')`,
];

/** The first hexadecimal digit of the digest spreads them over 16 partitions, which take more than an account can. */
const openEntity = ({ id, generation }: OpenPosition) =>
  keysWithParts(
    tableKey(id.digest.charAt(id.digest.indexOf(':') + 1)),
    ...[id.registry, id.repository, id.digest, String(generation)],
  );

function openEntryOf(entity: Entity): OpenEntry[] {
  const [registry, repository, digest, generation] = partsOf(entity) ?? [];
  if (registry === undefined || repository === undefined || digest === undefined) return [];
  const addedAtMs = Date.parse(entity.timestamp ?? '');
  return [{ id: { registry, repository, digest }, generation: Number(generation), addedAtMs }];
}

/** The index of finished images by the time at which they finished. Its entities are like those of the other index. */
export function finishedImagesTable(table: Table): FinishedImages {
  return {
    async add(entries, deadline) {
      const byEntity = new Map(entries.map((entry) => [finishedEntity(entry), entry]));
      const change = {
        together: (entity: Keys): TransactionAction => ['upsert', entity, 'Replace'],
        alone: (entity: Keys) => table.upsert(entity, deadline),
      };
      return refusedOf(byEntity, await changeAll(table, [...byEntity.keys()], change, deadline));
    },
    async *pagesBefore(timeMs, deadline) {
      const time = new Date(timeMs).toISOString();
      const day = time.slice(0, 10);
      const filter = `PartitionKey lt '${day}' or (PartitionKey eq '${day}' and RowKey lt '${tableKey(time)}')`;
      for await (const page of table.pages(deadline, { filter })) yield page.flatMap(finishedEntryOf);
    },
    async remove(entries, deadline) {
      const byEntity = new Map(entries.map((entry) => [finishedEntity(entry), entry]));
      return refusedOf(byEntity, await deleteAll(table, [...byEntity.keys()], deadline));
    },
  };
}

/** A partition holds one day, in the order of time: ISO 8601 sorts as text. */
function finishedEntity({ id, generation, finishedAtMs, tags = [] }: FinishedEntry) {
  const time = new Date(finishedAtMs).toISOString();
  const keys = keysWithParts(
    time.slice(0, 10),
    ...[time, id.registry, id.repository, id.digest, String(generation)],
  );
  return tags.length === 0 ? keys : { ...keys, tags: JSON.stringify(tags) };
}

const finishedTags = v.array(v.object({ tag: v.string(), atMs: v.number() }));

function finishedEntryOf(entity: Entity): FinishedEntry[] {
  const [time, registry, repository, digest, generation] = partsOf(entity) ?? [];
  if (time === undefined || registry === undefined || repository === undefined || digest === undefined)
    return [];
  const id = { registry, repository, digest };
  const tags = v.safeParse(finishedTags, parseJson(String(entity['tags'])));
  const known = { id, generation: Number(generation), finishedAtMs: Date.parse(time) };
  return [tags.success ? { ...known, tags: tags.output } : known];
}

/** The entries of the entities that failed. */
const refusedOf = <E, Entry>(
  entries: ReadonlyMap<E, Entry>,
  failures: ReadonlyMap<E, Error>,
): RefusedEntry<Entry>[] =>
  [...failures].flatMap(([entity, error]) => {
    const entry = entries.get(entity);
    return entry === undefined ? [] : [{ entry, error }];
  });

const copyTimesSchema = v.record(v.string(), v.record(v.string(), v.array(v.number())));
const copyTimesRowKey = 'times';
const copiesOfDaySchema = v.object({
  regions: v.record(v.string(), numbersSchema),
  counted: v.array(v.string()),
});
/** Beside the copy times, which earlier versions read. */
const lastDayName = 'lastDay';

/** One entity a registry. */
export function copyTimesTable(table: Table): CopyTimesStore {
  return {
    async read(registry, deadline) {
      const entity = await table.get(tableKey(registry), copyTimesRowKey, deadline);
      if (entity === undefined) return undefined;
      const parsed = v.safeParse(copyTimesSchema, parseJson(textOf(entity)));
      // Copy times only serve estimates, so evenkeel starts learning again when it cannot read them.
      const lastDay = v.safeParse(copiesOfDaySchema, parseJson(textOf(entity, lastDayName)));
      return {
        times: parsed.success ? parsed.output : {},
        version: entity.etag,
        lastDay: lastDay.success ? lastDay.output : undefined,
      };
    },
    async write(registry, times, version, deadline, lastDay) {
      const entity = {
        partitionKey: tableKey(registry),
        rowKey: copyTimesRowKey,
        ...textProperties(asciiJson(times)),
        ...(lastDay === undefined ? {} : textProperties(asciiJson(lastDay), lastDayName)),
      };
      await (version === undefined
        ? table.insert(entity, deadline)
        : table.replace(entity, version, deadline));
    },
  };
}
