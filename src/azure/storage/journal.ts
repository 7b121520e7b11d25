import * as v from 'valibot';
import type { Deadline } from '../../lib/deadline.ts';
import { StateChangedError } from '../../lib/errors.ts';
import { asciiJson, parseJson } from '../../lib/json.ts';
import { combineJournalPages, type JournalPage, parseJournalPage } from '../../status/journal.ts';
import type { JournalStore } from '../../status/journal-keeper.ts';
import { type Keys, textOf, textProperties } from './entities.ts';
import type { Entity, ListQuery } from './entity-requests.ts';
import { deleteAll, type Table } from './tables.ts';

export const journalTableName = 'EvenkeelJournal';
const partitionKey = 'journal';
/** The page into which those of processes that ended are taken. */
const archiveKey = 'archive';
/** A process begins another page long before this time, so nobody writes a page of this age again. */
const archivedAfterMs = 24 * 60 * 60 * 1000;
/** Pages of this age that make it worth a write. */
const minArchived = 8;
const filter = `PartitionKey eq '${partitionKey}'`;
/** So many pages are worth a listing without what they hold, in which so many may have changed. */
const minKnown = 50;
const maxChanged = 8;

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
    const all = (await readChanged(deadline)) ?? (await readWhole(deadline));
    known = new Map(all.map((one) => [one.rowKey, one]));
    return all;
  }

  async function readWhole(deadline: Deadline): Promise<StoredPage[]> {
    const entities = await listed({ filter }, deadline);
    return entities.map((entity) => knownPage(entity) ?? { ...headOf(entity), ...parsedPage(entity) });
  }

  /**
   * Lists the pages without what they hold, and reads those that have changed.
   * @returns `undefined` where reading all is better: when few pages are known, when many have changed or one is gone, or
   *   when the archive has. It must be read before the pages that it may have taken, which a listing does.
   */
  async function readChanged(deadline: Deadline): Promise<StoredPage[] | undefined> {
    if (known.size < minKnown) return undefined;
    const entities = await listed({ filter, keysOnly: true }, deadline);
    const changed = entities.filter((entity) => knownPage(entity) === undefined);
    if (changed.length > maxChanged || changed.some(({ rowKey }) => rowKey === archiveKey)) return undefined;
    const fresh = await Promise.all(
      changed.map(({ rowKey = '' }) => table.get(partitionKey, rowKey, deadline)),
    );
    const here = fresh.filter((entity) => entity !== undefined);
    // The archive may have taken one since.
    if (here.length < fresh.length) return undefined;
    const freshPages = new Map(
      here.map((entity) => [entity.rowKey, { ...headOf(entity), ...parsedPage(entity) }]),
    );
    return entities.flatMap((entity) => knownPage(entity) ?? freshPages.get(entity.rowKey) ?? []);
  }

  const knownPage = (entity: Entity): StoredPage | undefined => {
    const before = known.get(entity.rowKey ?? '');
    const isSame = before !== undefined && before.etag !== '' && before.etag === entity.etag;
    return isSame ? { ...before, ageMs: headOf(entity).ageMs } : undefined;
  };

  const headOf = ({ rowKey = '', timestamp = '', etag }: Entity) => ({
    rowKey,
    etag,
    ageMs: now().getTime() - Date.parse(timestamp),
  });

  async function listed(query: ListQuery, deadline: Deadline): Promise<Entity[]> {
    const all: Entity[] = [];
    for await (const entities of table.pages(deadline, query)) all.push(...entities);
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
