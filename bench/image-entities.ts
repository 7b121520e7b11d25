import { finishedImagesTable, imagesTable } from '../src/azure/storage/ledger.ts';
import type { Table } from '../src/azure/storage/tables.ts';
import { tagsTable } from '../src/azure/storage/tags.ts';
import { deadlineIn } from '../src/lib/deadline.ts';
import { parseRegion } from '../src/registries/replica.ts';
import { applyNotification } from '../src/replication/apply-notification.ts';
import type { Image } from '../src/replication/image.ts';
import { markFinished, withReplicatedVerdicts } from '../src/replication/verdict.ts';
import { type BenchImage, benchRegions, benchRegistry } from './pushes.ts';

/** A type rather than an interface: the SDK takes entities with further properties, and an interface has none. */
export type ImageEntity = { partitionKey: string; rowKey: string; [property: string]: unknown };

/** An image as the ledger holds it after the notification of its last region. */
export function finishedImage({ repository, digest, tag }: BenchImage, atMs: number): Image {
  const id = { registry: `${benchRegistry.name}.azurecr.io`, repository, digest };
  const at = new Date(atMs);
  let image: Image | undefined;
  for (const region of benchRegions) {
    const known = { image: id, tag, region: parseRegion(region), at, sizeBytes: 1570 };
    const effect = applyNotification(image, { kind: 'push', evidence: 'webhook', ...known }, atMs);
    if ('image' in effect) image = { ...effect.image, expected: benchRegions };
  }
  if (image === undefined) throw new TypeError('a push makes an image known');
  return markFinished(
    { ...withReplicatedVerdicts(image, () => benchRegions, 'bench', atMs), outbox: [] },
    atMs,
  );
}

export interface LedgerEntities {
  readonly images: readonly ImageEntity[];
  readonly tags: readonly ImageEntity[];
  /** Entries in the index for the retention. */
  readonly finished: readonly ImageEntity[];
}

/** The entities that the adapters of the ledger would write for images. */
export async function entitiesOf(images: readonly Image[]): Promise<LedgerEntities> {
  const written = { images: collector(), tags: collector(), finished: collector() };
  const imageLedger = imagesTable(written.images.table);
  const tagLedger = tagsTable(written.tags.table);
  for (const image of images) {
    const { registry, repository, digest } = image.id;
    await imageLedger.insert(image, deadlineIn(60_000));
    for (const { tag, firstSeenMs } of image.references) {
      if (tag !== undefined)
        await tagLedger.add({ registry, repository, tag }, { digest, atMs: firstSeenMs }, deadlineIn(60_000));
    }
  }
  await finishedImagesTable(written.finished.table).add(
    images.map(({ id, generation, finishedAtMs = 0 }) => ({ id, generation, finishedAtMs })),
    deadlineIn(60_000),
  );
  return {
    images: written.images.entities,
    tags: written.tags.entities,
    finished: written.finished.entities,
  };
}

function collector(): { readonly table: Table; readonly entities: readonly ImageEntity[] } {
  const entities: ImageEntity[] = [];
  const take = async (entity: ImageEntity) => void entities.push(entity);
  const refuse = async () => {
    throw new TypeError('this table only takes new entities');
  };
  const table: Table = {
    insert: async (entity) => {
      entities.push(entity);
      return '';
    },
    merge: take,
    upsert: take,
    amend: refuse,
    get: refuse,
    replace: refuse,
    delete: refuse,
    transact: async (actions) => {
      for (const [, { partitionKey = '', rowKey = '', ...properties }] of actions) {
        entities.push({ partitionKey, rowKey, ...properties });
      }
    },
    pages: () => {
      throw new TypeError('this table only takes new entities');
    },
  };
  return { table, entities };
}
