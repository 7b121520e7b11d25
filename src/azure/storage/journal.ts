import * as v from 'valibot';
import type { Deadline } from '../../lib/deadline.ts';
import { StateChangedError } from '../../lib/errors.ts';
import { asciiJson, parseJson } from '../../lib/json.ts';
import { combineJournalPages, type JournalPage, parseJournalPage } from '../../status/journal.ts';
import type { JournalStore } from '../../status/journal-keeper.ts';
import { type Keys, textOf, textProperties } from './entities.ts';
import { deleteAll, type Entity, type Table } from './tables.ts';

export const journalTableName = 'EvenkeelJournal';
const partitionKey = 'journal';
/** The page into which those of processes that ended are taken. */
const archiveKey = 'archive';
/** A process begins another page long before this time, so nobody writes a page of this age again. */
const archivedAfterMs = 24 * 60 * 60 * 1000;
/** Pages of this age that make it worth a write. */
const minArchived = 8;

interface StoredPage {
  readonly rowKey: string;
  readonly etag: string;
  readonly ageMs: number;
  readonly value: unknown;
  readonly page: JournalPage;
}

const archiveSchema = v.object({ taken: v.optional(v.array(v.string()), []) });

/**
 * One entity a page, which one process alone writes. Where instances start and end all day, the pages of those that
 * ended are taken into one, so that what a reader pays follows the processes of a day.
 *
 * The archive names the pages that it has taken, and these are deleted after it was written: whatever happens in
 * between, no reader counts a page twice.
 */
export function journalTable(table: Table, now: () => Date): JournalStore {
  /** What this process read last, by row key. Most pages are written once in a while, and read far more often. */
  let known: ReadonlyMap<string, StoredPage> = new Map();

  async function readAll(deadline: Deadline): Promise<StoredPage[]> {
    const all: StoredPage[] = [];
    for await (const entities of table.pages(deadline, `PartitionKey eq '${partitionKey}'`)) {
      for (const entity of entities) {
        const { rowKey = '', timestamp = '', etag } = entity;
        const ageMs = now().getTime() - Date.parse(timestamp);
        const before = known.get(rowKey);
        all.push(
          before?.etag === etag ? { ...before, ageMs } : { rowKey, etag, ageMs, ...parsedPage(entity) },
        );
      }
    }
    known = new Map(all.map((one) => [one.rowKey, one]));
    return all;
  }

  async function archive(
    before: StoredPage | undefined,
    page: JournalPage,
    taken: readonly string[],
    deadline: Deadline,
  ): Promise<void> {
    const text = textProperties(asciiJson({ ...page, taken }));
    const entity = { partitionKey, rowKey: archiveKey, ...text };
    try {
      if (before === undefined) await table.insert(entity, deadline);
      else await table.replace(entity, before.etag, deadline);
    } catch (error) {
      // Another reader took pages at the same moment.
      if (error instanceof StateChangedError) return;
      throw error;
    }
    await deleteAll(table, taken.map(keysOf), deadline);
  }

  return {
    write: (id, page, deadline) =>
      table.upsert({ ...keysOf(id), ...textProperties(asciiJson(page)) }, deadline),
    async readOthers(ownId, deadline) {
      const all = await readAll(deadline);
      const before = all.find(({ rowKey }) => rowKey === archiveKey);
      const named = v.safeParse(archiveSchema, before?.value);
      const taken = new Set(named.success ? named.output.taken : []);
      const pages = all.filter(
        ({ rowKey }) => rowKey !== archiveKey && rowKey !== ownId && !taken.has(rowKey),
      );
      const old = pages.filter(({ ageMs }) => ageMs > archivedAfterMs);
      const young = pages.filter(({ ageMs }) => ageMs <= archivedAfterMs).map(pageOf);
      const archived = combineJournalPages(
        [...(before === undefined ? [] : [before]), ...old].map(pageOf),
        now(),
      );
      if (old.length >= minArchived) {
        const left = all.filter(({ rowKey }) => taken.has(rowKey));
        const gone = [...left, ...old].map(({ rowKey }) => rowKey);
        // Whoever only reads does not depend on it.
        await archive(before, archived, gone, deadline).catch(() => {});
      }
      return [archived, ...young];
    },
  };
}

const keysOf = (rowKey: string): Keys => ({ partitionKey, rowKey });

const pageOf = ({ page }: StoredPage): JournalPage => page;

function parsedPage(entity: Entity) {
  const value = parseJson(textOf(entity));
  return { value, page: parseJournalPage(value) };
}
