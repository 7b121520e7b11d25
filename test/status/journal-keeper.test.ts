import { describe, expect, it } from 'vitest';
import type { JournalPage } from '../../src/status/journal.ts';
import { journalKeeper } from '../../src/status/journal-keeper.ts';

const start = Date.parse('2026-11-21T03:07:12.000Z');
const hourMs = 60 * 60 * 1000;

function keeper() {
  let nowMs = start;
  const ids = ['page-1', 'page-2', 'page-3'];
  const written = new Map<string, JournalPage>();
  const store = {
    write: async (id: string, page: JournalPage) => void written.set(id, page),
    readOthers: async () => [],
  };
  const journal = journalKeeper(
    async () => store,
    () => new Date(nowMs),
    () => ids.shift() ?? 'one too many',
  );
  return {
    journal,
    written,
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

const repairsIn = (page: JournalPage | undefined): number =>
  Object.values(page?.repairs ?? {}).reduce((sum, { event }) => sum + event, 0);

describe('the page of a process', () => {
  it('is written again and again while the process is busy', async () => {
    const { journal, written, later } = keeper();
    for (let hour = 0; hour < 30; hour += 1) {
      journal.recordRepair('event', 'rg-spoke-a');
      await journal.flush();
      later(hourMs);
    }
    expect([...written.keys()]).toEqual(['page-1']);
    expect(repairsIn(written.get('page-1'))).toBe(30);
  });

  it('is left behind after twelve idle hours, because a reader may have taken it over', async () => {
    const { journal, written, later } = keeper();
    journal.recordRepair('event', 'rg-spoke-a');
    await journal.flush();
    later(13 * hourMs);
    journal.recordRepair('event', 'rg-spoke-a');
    await journal.flush();
    expect([...written].map(([id, page]) => [id, repairsIn(page)])).toEqual([
      ['page-1', 1],
      ['page-2', 1],
    ]);
    expect(journal.page().id).toBe('page-2');
  });

  it('has the groups that were found right, the newest of many, wherever it is asked for', async () => {
    const { journal, written, later } = keeper();
    const conflict = { recordSet: '/a', owner: '/groups/other' };
    journal.recordReconciled('/groups/0');
    journal.recordConflict('/groups/0', conflict);
    expect(journal.page().page.groups).toEqual({
      '/groups/0': { at: new Date(start).toISOString(), conflict },
    });
    for (let index = 0; index < 250; index += 1) {
      later(1);
      journal.recordReconciled(`/groups/${index}`);
    }
    await journal.flush();
    const groups = Object.entries(written.get('page-1')?.groups ?? {});
    expect(groups.map(([, one]) => one.conflict)).toEqual(Array.from({ length: 200 }));
    expect(new Set(groups.map(([group]) => group))).toEqual(
      new Set(Array.from({ length: 200 }, (_, index) => `/groups/${index + 50}`)),
    );
    expect(journal.page().page).toEqual(written.get('page-1'));
  });
});
