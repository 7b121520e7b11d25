import { emptyJournalPage } from '../../../src/status/journal.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { anImage, at, d1, idOf, tagOf } from '../../replication/fixtures.ts';
import { stateAfter } from '../../routing/fixtures.ts';
import type { Answer } from '../../support/hanging-server.ts';
import { adapters } from './adapters.ts';
import {
  type Call,
  drain,
  type LimitedCall,
  storageAt,
  type TokenCall,
  withIdentity,
} from './limited-call.ts';

const ownMs = 5_000;
const says = /^StateUnavailableError: an? .+ in the table \w+ failed: check STATE or AzureWebJobsStorage$/;

const table = (url: string) => adapters.openTable('Some', storageAt(url), undefined);
const ledger = (url: string) => adapters.ledgerTables(storageAt(url), undefined);
const journal = (url: string) => adapters.journalTable(table(url), () => new Date(at(0)));
const reviews = (url: string) => adapters.reviewTable(table(url));
const memberships = (url: string) => adapters.membershipsTable(table(url));
const loginServers = (url: string) => adapters.loginServerTable(table(url));
const newestImages = (url: string) => adapters.newestImageTable(table(url));

const entity = { partitionKey: 'p', rowKey: 'r' };
const finished = { id: idOf(), generation: 1, finishedAtMs: at(0) };
const opened = { id: idOf(), generation: 1, addedAtMs: at(0) };
const times = [{ digest: d1, atMs: at(0) }];
const { id } = registryOf();

const listings: Readonly<Record<string, Call>> = {
  'any entities': (url, deadline) => drain(table(url).pages(deadline)),
  'the open images': (url, deadline) => drain(ledger(url).open.pages(deadline)),
  'the finished images': (url, deadline) => drain(ledger(url).finished.pagesBefore(at(0), deadline)),
  'the journals of other processes': (url, deadline) => journal(url).readOthers('own', deadline),
  'the reviews of many registries': (url, deadline) => reviews(url).readAll('abcdefgh'.split(''), deadline),
};
const entities: Readonly<Record<string, Call>> = {
  ...listings,
  'any entity': (url, deadline) => table(url).get('p', 'r', deadline),
  'a new entity': (url, deadline) => table(url).insert(entity, deadline),
  'a change of an entity': (url, deadline) => table(url).replace(entity, 'etag', deadline),
  'properties of an entity': (url, deadline) => table(url).merge(entity, deadline),
  'properties of an entity that exists': (url, deadline) => table(url).amend(entity, deadline),
  'an entity, whatever was there': (url, deadline) => table(url).upsert(entity, deadline),
  'the removal of an entity': (url, deadline) => table(url).delete('p', 'r', deadline),
  'a transaction': (url, deadline) => table(url).transact([['delete', entity]], deadline),
  'an image': (url, deadline) => ledger(url).images.read(idOf(), deadline),
  'a new image': (url, deadline) => ledger(url).images.insert(anImage(), deadline),
  'a change of an image': (url, deadline) => ledger(url).images.update(anImage(), 'etag', deadline),
  'a notice beside an image': (url, deadline) => ledger(url).images.append(idOf(), [], deadline),
  'the removal of an image': (url, deadline) => ledger(url).images.remove(idOf(), 'etag', deadline),
  'a push of a tag': (url, deadline) => ledger(url).tags.add(tagOf(), { digest: d1, atMs: at(0) }, deadline),
  'a tag': (url, deadline) => ledger(url).tags.read(tagOf(), deadline),
  'a forgotten tag': (url, deadline) => ledger(url).tags.forget(tagOf(), times, deadline),
  'an open image': (url, deadline) => ledger(url).open.add(idOf(), 1, deadline),
  'the position of a review': (url, deadline) => ledger(url).open.readPosition(deadline),
  'a new position of a review': (url, deadline) => ledger(url).open.writePosition(opened, deadline),
  'copy times': (url, deadline) => ledger(url).copyTimes.read('myregistry', deadline),
  'new copy times': (url, deadline) => ledger(url).copyTimes.write('myregistry', {}, undefined, deadline),
  'a review': (url, deadline) => reviews(url).read('myregistry', deadline),
  'a new review': (url, deadline) => reviews(url).write('myregistry', stateAfter(1), 'etag', deadline),
  'a journal': (url, deadline) => journal(url).write('own', emptyJournalPage, deadline),
  'the replicas that were seen': (url, deadline) => memberships(url).read(id, deadline),
  'a replica that is seen': (url, deadline) => memberships(url).write(id, new Map(), undefined, deadline),
  'a login server': (url, deadline) => loginServers(url).read(id, deadline),
  'a new login server': (url, deadline) => loginServers(url).write(id, 'myregistry.azurecr.io', deadline),
  'the newest images': (url, deadline) => newestImages(url).read('myregistry', deadline),
  'a newest image': (url, deadline) => newestImages(url).write('myregistry', [], deadline),
};
/** A change of many entities never throws: it tells what it did not change, and why. */
const transactions: Readonly<Record<string, Call>> = {
  'closed images': (url, deadline) => ledger(url).open.remove([opened], deadline),
  'images that finished': (url, deadline) => ledger(url).finished.add([finished], deadline),
  'images past their retention': (url, deadline) => ledger(url).finished.remove([finished], deadline),
};

const odata = { 'content-type': 'application/json;odata=minimalmetadata' };
/** An empty page that is not the last one. */
const firstPage: Answer = (request) =>
  request.url?.includes('NextPartitionKey=')
    ? undefined
    : {
        headers: {
          ...odata,
          'x-ms-continuation-nextpartitionkey': 'next',
          'x-ms-continuation-nextrowkey': 'next',
        },
        body: '{"value":[]}',
      };
const noTable: Answer = (request) =>
  request.url?.includes('/Tables')
    ? undefined
    : { status: 404, headers: odata, body: '{"odata.error":{"code":"TableNotFound"}}' };

const tableCall = ([what, make]: [string, Call]): LimitedCall => ({ what, ownMs, says, make });

export const tableCalls: readonly LimitedCall[] = [
  ...Object.entries(entities).map(tableCall),
  ...Object.entries(listings).map((listing) => ({
    ...tableCall(listing),
    what: `the second page of ${listing[0]}`,
    before: firstPage,
  })),
  ...Object.entries(transactions).map((call) => ({
    ...tableCall(call),
    says: /"error":\{.*"name":"StateUnavailableError"/,
  })),
  {
    ...tableCall(['a table that is missing', (url, deadline) => table(url).get('p', 'r', deadline)]),
    before: noTable,
  },
];

export const tableTokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'an image', ownMs, says },
    make: (credential, deadline) =>
      adapters.ledgerTables(withIdentity, credential).images.read(idOf(), deadline),
  },
];
