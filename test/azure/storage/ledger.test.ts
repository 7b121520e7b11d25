import { beforeAll, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { copyTimesTable, imagesTable, ledgerOver, ledgerTables } from '../../../src/azure/storage/ledger.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';
import { tagsTable } from '../../../src/azure/storage/tags.ts';
import { StateRefusedError, StateUnavailableError } from '../../../src/lib/errors.ts';
import type { StorageConnection } from '../../../src/settings/storage-connection.ts';
import { anImage, at, d1, idOf, noDeadline, tagOf } from '../../replication/fixtures.ts';
import { holdsToTheContract } from '../../replication/ledger-contract.ts';
import { withServiceLimits } from '../../support/service-limits.ts';
import { aStorageAccount } from '../../support/storage-account.ts';

let azurite: Azurite;
let connection: StorageConnection;
beforeAll(async () => {
  azurite = await aStorageAccount();
  connection = { kind: 'connectionString', connectionString: azurite.connectionString };
});

holdsToTheContract('the ledger in Table storage, within the limits of the service', () =>
  ledgerOver((name) => withServiceLimits(openTable(name, connection, undefined))),
);

describe('an entry that storage refuses', () => {
  it('is named, and concerns no other of its transaction', async () => {
    const table = openTable('Refusing', connection, undefined);
    const isBad = (text: string | undefined) => text?.includes('bad') === true;
    const refuse = () => Promise.reject(new StateRefusedError('a write'));
    const { finished } = ledgerOver(() => ({
      ...table,
      upsert: (entity, deadline) => (isBad(entity.rowKey) ? refuse() : table.upsert(entity, deadline)),
      transact: (actions, deadline) =>
        actions.some(([, entity]) => isBad(entity.rowKey)) ? refuse() : table.transact(actions, deadline),
    }));
    const entries = ['good', 'bad', 'better'].map((repository) => ({
      ...{ id: { ...idOf(), repository }, generation: 1, finishedAtMs: at(0) },
    }));
    const refused = await finished.add(entries, noDeadline);
    expect(refused).toMatchObject([{ entry: entries[1], error: { name: 'StateRefusedError' } }]);
    const stored = [];
    for await (const page of finished.pagesBefore(at(1), noDeadline)) stored.push(...page);
    expect(stored.map(({ id }) => id.repository)).toEqual(['better', 'good']);
  });
});

const digestAt = (index: number): string => `sha256:${index.toString(16).padStart(64, '0')}`;

describe('a tag that moves with every build', () => {
  it('keeps at least the last fifty digests, and accepts every new one', async () => {
    const tags = tagsTable(openTable('BuildTags', connection, undefined));
    for (let index = 0; index < 220; index += 1)
      await tags.add(tagOf('latest'), { digest: digestAt(index), atMs: at(index) }, noDeadline);
    const last = await tags.read(tagOf('latest'), noDeadline);
    expect(last.slice(0, 50).map(({ digest }) => digest)).toEqual(
      Array.from({ length: 50 }, (_, index) => digestAt(219 - index)),
    );
    // The first read pruned the tag.
    expect(await tags.read(tagOf('latest'), noDeadline)).toHaveLength(50);
  });
});

describe('an index of more entries than a transaction holds', () => {
  it('removes all of them, even when one is already gone', async () => {
    const { open, finished } = ledgerTables(connection, undefined);
    const ids = Array.from({ length: 230 }, (_, index) => idOf(digestAt(index)));
    await Promise.all(ids.map((id) => open.add(id, 1, noDeadline)));
    await finished.add(
      ids.map((id) => ({ id, generation: 1, finishedAtMs: at(0) })),
      noDeadline,
    );
    const opened = [];
    for await (const page of open.pages(noDeadline))
      opened.push(...page.filter(({ id }) => id.repository === 'team/app'));
    expect(opened).toHaveLength(230);
    await open.remove(opened.slice(150, 151), noDeadline);
    await open.remove(opened, noDeadline);
    let left = 0;
    for await (const page of open.pages(noDeadline))
      left += page.filter(({ id }) => id.repository === 'team/app').length;
    expect(left).toBe(0);
  });
});

describe('a stored entity that cannot be read', () => {
  it('of an image is an error that names the image', async () => {
    const table = openTable('Strange', connection, undefined);
    const images = imagesTable(table);
    await images.insert(anImage(), noDeadline);
    const [stored] = await table
      .pages(noDeadline)
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => value ?? []);
    await table.upsert(
      {
        partitionKey: stored?.partitionKey ?? '',
        rowKey: stored?.rowKey ?? '',
        text0: '{"layout":2}',
      },
      noDeadline,
    );
    await expect(images.read(idOf(), noDeadline)).rejects.toThrow(
      `the ledger's entity of team/app@${d1} cannot be read`,
    );
  });

  it('of copy times counts as none, and is overwritten', async () => {
    const table = openTable('StrangeTimes', connection, undefined);
    await table.insert({ partitionKey: 'myregistry', rowKey: 'times', text0: '{"eastus":7}' }, noDeadline);
    const copyTimes = copyTimesTable(table);
    const read = await copyTimes.read('myregistry', noDeadline);
    expect(read?.times).toEqual({});
    await copyTimes.write('myregistry', { eastus: { unknown: [1] } }, read?.version, noDeadline);
    expect((await copyTimes.read('myregistry', noDeadline))?.times).toEqual({ eastus: { unknown: [1] } });
  });

  it('of the copies of a day, beside copy times, counts as none', async () => {
    const table = openTable('StrangeDays', connection, undefined);
    const entity = { partitionKey: 'myregistry', rowKey: 'times', text0: '{}', lastDay0: '{"regions":7}' };
    await table.insert(entity, noDeadline);
    const copyTimes = copyTimesTable(table);
    const read = await copyTimes.read('myregistry', noDeadline);
    expect(read?.lastDay).toBeUndefined();
    const lastDay = { regions: { eastus: Array.from({ length: 30_000 }, () => 7) }, counted: ['a'] };
    await copyTimes.write('myregistry', {}, read?.version, noDeadline, lastDay);
    expect(await copyTimes.read('myregistry', noDeadline)).toMatchObject({ times: {}, lastDay });
  });
});

describe('a ledger that does not answer', () => {
  it('is unavailable for every call', async () => {
    const nowhere = azurite.connectionString.replace(
      azurite.endpoints.table,
      'http://127.0.0.1:9/devstoreaccount1',
    );
    const ledger = ledgerTables({ kind: 'connectionString', connectionString: nowhere }, undefined);
    const calls = [
      ledger.images.read(idOf(), noDeadline),
      ledger.images.insert(anImage(), noDeadline),
      ledger.tags.add(tagOf(), { digest: d1, atMs: at(0) }, noDeadline),
      ledger.tags.read(tagOf(), noDeadline),
      ledger.open.add(idOf(), 1, noDeadline),
      ledger.open.pages(noDeadline)[Symbol.asyncIterator]().next(),
      ledger.finished.add([{ id: idOf(), generation: 1, finishedAtMs: at(0) }], noDeadline),
      ledger.copyTimes.read('myregistry', noDeadline),
    ];
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StateUnavailableError);
      else expect(result.value).toMatchObject([{ error: { name: 'StateUnavailableError' } }]);
    }
  });
});
