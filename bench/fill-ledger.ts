import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Azurite } from '../local/azure/azurite.ts';
import { finishedImagesTable } from '../src/azure/ledger/finished-images-table.ts';
import { openTable, type Table } from '../src/azure/tables.ts';
import { entitiesOf, finishedImage, type ImageEntity } from './image-entities.ts';
import type { BenchImage } from './pushes.ts';

/** What is within the usual retention, so that no review forgets any of it. */
const spreadMs = 28 * 24 * 60 * 60 * 1000;
/** Images of one partition: two hexadecimal digits of their digests. */
const partitions = 256;
const concurrency = 4;
/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions */
const transactionSize = 100;

/** Heap that Azurite needs for so many images. */
export const heapForMiB = (images: number): number => 2_048 + Math.ceil(images / 100);

/** One of `count` finished images; they are in the order of their digests, over sixteen repositories. */
export function filledImage(index: number, count: number): BenchImage {
  const place = Math.floor((index / count) * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const rest = createHash('sha256').update(String(index)).digest('hex').slice(8);
  return { repository: `team/filled-${place[0]}`, digest: `sha256:${place}${rest}`, tag: `v${index}` };
}

/**
 * Fills a ledger with finished images as the app leaves them: with their tags and their places in the index for the
 * retention. In the order of the keys, in which Azurite takes them ten times faster than in any other.
 * @returns how many seconds that took.
 */
export async function fillLedger({ connectionString }: Azurite, count: number): Promise<number> {
  const startedAt = performance.now();
  const open = (name: string) => openTable(name, { kind: 'connectionString', connectionString }, undefined);
  const [images, tags] = [open('EvenkeelImages'), open('EvenkeelTags')];
  const finished = finishedImagesTable(open('EvenkeelFinishedImages'));
  const beginMs = Date.now() - spreadMs;
  const limit = pLimit(concurrency);
  for (let partition = 0; partition < partitions; partition++) {
    const from = Math.ceil((partition / partitions) * count);
    const to = Math.ceil(((partition + 1) / partitions) * count);
    const some = Array.from({ length: to - from }, (_, offset) => {
      const index = from + offset;
      return finishedImage(filledImage(index, count), Math.round(beginMs + (index / count) * spreadMs));
    });
    const written = await entitiesOf(some);
    const entries = some.map(({ id, generation, finishedAtMs = 0 }) => ({ id, generation, finishedAtMs }));
    await Promise.all([
      ...batches(written.images).map((batch) => limit(() => create(images, batch))),
      ...batches(written.tags).map((batch) => limit(() => create(tags, batch))),
      limit(() => finished.add(entries)),
    ]);
  }
  return (performance.now() - startedAt) / 1000;
}

const batches = (entities: readonly ImageEntity[]): (readonly ImageEntity[])[] =>
  Array.from({ length: Math.ceil(entities.length / transactionSize) }, (_, index) =>
    entities.slice(index * transactionSize, (index + 1) * transactionSize),
  );

const create = (table: Table, batch: readonly ImageEntity[]): Promise<void> =>
  table.transact(batch.map((entity) => ['create', entity]));

/** Some of those that `fillLedger` wrote, evenly over all. */
export const sampleOf = (count: number, size: number): BenchImage[] =>
  Array.from({ length: Math.min(size, count) }, (_, index) =>
    filledImage(Math.floor((index * count) / Math.min(size, count)), count),
  );
