import type { TokenCredential } from '@azure/core-auth';
import type { Ledger } from '../../replication/ports.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { copyTimesTable } from '../ledger/copy-times-table.ts';
import { finishedImagesTable } from '../ledger/finished-images-table.ts';
import { imagesTable } from '../ledger/images-table.ts';
import { openImagesTable } from '../ledger/open-images-table.ts';
import { tagsTable } from '../ledger/tags-table.ts';
import { openTable } from './tables.ts';

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
