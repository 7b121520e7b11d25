import type { Image } from '../../replication/image.ts';
import { decodeImage, encodeImage } from '../../replication/image-codec.ts';
import type { ImageId } from '../../replication/notification.ts';
import type { ImageLedger } from '../../replication/ports.ts';
import { textOf, textProperties } from '../long-text.ts';
import type { Table } from '../storage/tables.ts';
import { tableKey } from '../table-key.ts';

/** Images of one repository are spread over 256 partitions, by their digests. */
function keysOf({ registry, repository, digest }: ImageId) {
  const start = digest.slice(digest.indexOf(':') + 1).slice(0, 2);
  return { partitionKey: tableKey(registry, repository, start), rowKey: tableKey(digest) };
}

export function imagesTable(table: Table): ImageLedger {
  const entityOf = (image: Image) => ({ ...keysOf(image.id), ...textProperties(encodeImage(image)) });
  return {
    async read(id) {
      const { partitionKey, rowKey } = keysOf(id);
      const entity = await table.get(partitionKey, rowKey);
      return entity && { image: decodeImage(id, textOf(entity)), version: entity.etag };
    },
    insert: async (image) => ({ image, version: await table.insert(entityOf(image)) }),
    update: async (image, version) => ({ image, version: await table.replace(entityOf(image), version) }),
    async remove(id, version) {
      const { partitionKey, rowKey } = keysOf(id);
      await table.delete(partitionKey, rowKey, version);
    },
  };
}
