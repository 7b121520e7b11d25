import { describe, expect, it } from 'vitest';
import { reportBlob } from '../../../src/azure/storage/blobs.ts';
import { journalTable } from '../../../src/azure/storage/journal.ts';
import { ledgerTables } from '../../../src/azure/storage/ledger.ts';
import { reviewTable } from '../../../src/azure/storage/reviews.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';
import { type Deadline, deadlineIn } from '../../../src/lib/deadline.ts';
import { emptyJournalPage } from '../../../src/status/journal.ts';
import { anImage, at, d1, idOf, tagOf } from '../../replication/fixtures.ts';
import { stateAfter } from '../../routing/fixtures.ts';
import { type Silence, startSilentStorage } from './silent-storage.ts';

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

type Call = (connectionString: string, deadline: Deadline) => Promise<unknown>;

const connectionOf = (connectionString: string) => ({ kind: 'connectionString', connectionString }) as const;
const ledger = (text: string) => ledgerTables(connectionOf(text), undefined);
const table = (text: string) => openTable('Some', connectionOf(text), undefined);
const finished = { id: idOf(), generation: 1, finishedAtMs: at(0) };
const opened = { id: idOf(), generation: 1, addedAtMs: at(0) };

const listings: Readonly<Record<string, Call>> = {
  'open.pages': (text, deadline) => drain(ledger(text).open.pages(deadline)),
  'finished.pagesBefore': (text, deadline) => drain(ledger(text).finished.pagesBefore(at(0), deadline)),
  'journal.readOthers': (text, deadline) =>
    journalTable(table(text), () => new Date(at(0))).readOthers('own', deadline),
};

const calls: Readonly<Record<string, Call>> = {
  ...listings,
  'images.read': (text, deadline) => ledger(text).images.read(idOf(), deadline),
  'images.insert': (text, deadline) => ledger(text).images.insert(anImage(), deadline),
  'images.update': (text, deadline) => ledger(text).images.update(anImage(), 'etag', deadline),
  'images.remove': (text, deadline) => ledger(text).images.remove(idOf(), 'etag', deadline),
  'tags.add': (text, deadline) => ledger(text).tags.add(tagOf(), { digest: d1, atMs: at(0) }, deadline),
  'tags.read': (text, deadline) => ledger(text).tags.read(tagOf(), deadline),
  'tags.forget': (text, deadline) =>
    ledger(text).tags.forget(tagOf(), [{ digest: d1, atMs: at(0) }], deadline),
  'open.add': (text, deadline) => ledger(text).open.add(idOf(), 1, deadline),
  'open.readPosition': (text, deadline) => ledger(text).open.readPosition(deadline),
  'open.writePosition': (text, deadline) => ledger(text).open.writePosition(opened, deadline),
  'open.remove': (text, deadline) => ledger(text).open.remove([opened], deadline),
  'finished.add': (text, deadline) => ledger(text).finished.add([finished], deadline),
  'finished.remove': (text, deadline) => ledger(text).finished.remove([finished], deadline),
  'copyTimes.read': (text, deadline) => ledger(text).copyTimes.read('myregistry', deadline),
  'copyTimes.write': (text, deadline) => ledger(text).copyTimes.write('myregistry', {}, undefined, deadline),
  'reviews.read': (text, deadline) => reviewTable(table(text)).read('myregistry', deadline),
  'reviews.write': (text, deadline) =>
    reviewTable(table(text)).write('myregistry', stateAfter(1), 'etag', deadline),
  'journal.write': (text, deadline) =>
    journalTable(table(text), () => new Date(at(0))).write('own', emptyJournalPage, deadline),
  'report.read': (text, deadline) => reportBlob(connectionOf(text), undefined).read(deadline),
};

/** Much less than the 5 s that a call may take by itself. */
const deadlineMs = 150;

/** Rejects when a call does not end with its deadline. The time is generous: the machine may be busy. */
async function expectToEnd(call: Call, silence: Silence): Promise<void> {
  await using storage = await startSilentStorage(silence);
  const held = storage.held();
  const result = call(storage.connectionString, deadlineIn(deadlineMs));
  const outcome = result.then(
    // A change of many entries never throws.
    (value) => JSON.stringify(value) ?? 'answered',
    (error: unknown) => (error instanceof Error ? error.name : 'no error'),
  );
  await Promise.race([held, outcome]);
  const late = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 4_000).unref());
  expect(await Promise.race([outcome, late])).toMatch(
    /^StateUnavailableError$|^TimeoutError$|"name":"StateUnavailableError"/,
  );
}

describe('storage that does not answer', () => {
  it.concurrent.each(Object.entries(calls))('ends %s with its deadline', (_, call) =>
    expectToEnd(call, 'atOnce'),
  );
});

describe('storage whose answer does not end', () => {
  it.concurrent.each(Object.entries(calls).filter(([name]) => /read|pages/.test(name)))(
    'ends %s with its deadline',
    (_, call) => expectToEnd(call, 'afterHead'),
  );
});

describe('storage that does not answer with the next page', () => {
  it.concurrent.each(Object.entries(listings))('ends %s with its deadline', (_, call) =>
    expectToEnd(call, 'afterFirstPage'),
  );
});
