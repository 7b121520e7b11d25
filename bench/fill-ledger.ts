import { createHash } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import pLimit from 'p-limit';
import type { Azurite } from '../local/azure/azurite.ts';
import { entitiesOf, finishedImage, type ImageEntity } from './image-entities.ts';
import type { BenchImage } from './pushes.ts';

/** This is within the usual retention, so that no review forgets any of the images. */
const spreadMs = 28 * 24 * 60 * 60 * 1000;
/** The first two hexadecimal digits of its digest give the partition of an image. */
const partitions = 256;
const concurrency = 4;
/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions */
const transactionSize = 100;

/** The heap that Azurite needs for this many images. */
export const heapForMiB = (images: number): number => 2_048 + Math.ceil(images / 100);

/** One of `count` finished images. They are in the order of their digests, in sixteen repositories. */
export function filledImage(index: number, count: number): BenchImage {
  const place = Math.floor((index / count) * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const rest = createHash('sha256').update(String(index)).digest('hex').slice(8);
  const tag = `v${String(index).padStart(8, '0')}`;
  return { repository: `team/filled-${place[0]}`, digest: `sha256:${place}${rest}`, tag };
}

export interface Filled {
  /** The number of images that were written; they are the first ones. */
  readonly images: number;
  readonly seconds: number;
}

/**
 * Fills a ledger with `count` finished images as the app leaves them, with their tags and their entries in the index
 * for the retention, or with as many as the time allows. Writes in the order of the keys: Azurite keeps them in sorted
 * arrays, to the end of which it adds ten times faster than elsewhere.
 */
export async function fillLedger(storage: Azurite, count: number, maxSeconds: number): Promise<Filled> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const beginMs = Date.now() - spreadMs;
  const write = {
    images: await transactions(storage, 'EvenkeelImages'),
    tags: await transactions(storage, 'EvenkeelTags'),
    finished: await transactions(storage, 'EvenkeelFinishedImages'),
  };
  let images = 0;
  for (let partition = 1; partition <= partitions && seconds() < maxSeconds; partition++) {
    const to = Math.ceil((partition / partitions) * count);
    const some = Array.from({ length: to - images }, (_, offset) => {
      const index = images + offset;
      return finishedImage(filledImage(index, count), Math.round(beginMs + (index / count) * spreadMs));
    });
    const entities = await entitiesOf(some);
    await Promise.all([
      write.images(entities.images),
      write.tags(entities.tags),
      write.finished(entities.finished),
    ]);
    images = to;
  }
  return { images, seconds: seconds() };
}

/** A sample that is spread evenly over the images that were written. */
export const sampleOf = ({ images }: Filled, count: number, size: number): BenchImage[] =>
  Array.from({ length: Math.min(size, images) }, (_, index) =>
    filledImage(Math.floor((index * images) / Math.min(size, images)), count),
  );

/** Does not use the app's adapter, whose calls time out before Azurite answers with a full heap. */
async function transactions({ connectionString }: Azurite, name: string) {
  const client = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  await client.createTable();
  const limit = pLimit(concurrency);
  return async (entities: readonly ImageEntity[]): Promise<void> => {
    const groups = [...Map.groupBy(entities, ({ partitionKey }) => partitionKey).values()];
    const batches = groups.flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / transactionSize) }, (_, index) =>
        group.slice(index * transactionSize, (index + 1) * transactionSize),
      ),
    );
    await Promise.all(
      batches.map((batch) =>
        limit(() => client.submitTransaction(batch.map((entity) => ['create', entity]))),
      ),
    );
  };
}
