import { randomUUID } from 'node:crypto';
import { asciiJson, parseJson } from '../../lib/json.ts';
import { parseJournalPage } from '../../status/journal.ts';
import type { JournalStore } from '../../status/journal-keeper.ts';
import { type Table, textOf, textProperties } from './tables.ts';

export const journalTableName = 'EvenkeelJournal';
const partitionKey = 'journal';
/** Pages of processes that ended long ago. */
const keptMs = 8 * 24 * 60 * 60 * 1000;

/** One entity a process. */
export function journalTable(table: Table, now: () => Date): JournalStore {
  const own = randomUUID();
  return {
    write: (page) => table.upsert({ partitionKey, rowKey: own, ...textProperties(asciiJson(page)) }),
    async readOthers() {
      const pages = [];
      for await (const entities of table.pages(`PartitionKey eq '${partitionKey}'`)) {
        for (const entity of entities) {
          const { rowKey = '', timestamp = '' } = entity;
          if (rowKey === own) continue;
          if (now().getTime() - Date.parse(timestamp) > keptMs) await table.delete(partitionKey, rowKey);
          else pages.push(parseJournalPage(parseJson(textOf(entity))));
        }
      }
      return pages;
    },
  };
}
