import { randomUUID } from 'node:crypto';
import { asciiJson, parseJson } from '../../lib/json.ts';
import { parseJournalPage } from '../../status/journal.ts';
import type { JournalStore } from '../../status/journal-keeper.ts';
import { textOf, textProperties } from './entities.ts';
import type { Table } from './tables.ts';

export const journalTableName = 'EvenkeelJournal';
const partitionKey = 'journal';
/** Older pages belong to processes that ended long ago; they are deleted. */
const keptMs = 8 * 24 * 60 * 60 * 1000;

/** One entity a process, which is the only one to write it. */
export function journalTable(table: Table, now: () => Date): JournalStore {
  const own = randomUUID();
  return {
    write: (page, deadline) =>
      table.upsert({ partitionKey, rowKey: own, ...textProperties(asciiJson(page)) }, deadline),
    async readOthers(deadline) {
      const pages = [];
      for await (const entities of table.pages(deadline, `PartitionKey eq '${partitionKey}'`)) {
        for (const entity of entities) {
          const { rowKey = '', timestamp = '' } = entity;
          if (rowKey === own) continue;
          if (now().getTime() - Date.parse(timestamp) > keptMs)
            await table.delete(partitionKey, rowKey, deadline);
          else pages.push(parseJournalPage(parseJson(textOf(entity))));
        }
      }
      return pages;
    },
  };
}
