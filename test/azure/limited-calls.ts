import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { recordSetAdapters } from '../../src/azure/arm/record-sets.ts';
import { registryAdapters } from '../../src/azure/arm/registries.ts';
import { subscriptionLister } from '../../src/azure/arm/subscriptions.ts';
import { storageConnectivity, topicConnectivity } from '../../src/azure/connectivity.ts';
import { signalTopic } from '../../src/azure/event-grid.ts';
import { driftLog } from '../../src/azure/logs-ingestion.ts';
import { queryObservations } from '../../src/azure/logs-query.ts';
import { regionalEndpoints } from '../../src/azure/registry-endpoint/endpoint.ts';
import { sender } from '../../src/azure/registry-endpoint/send.ts';
import { registryTokens } from '../../src/azure/registry-endpoint/tokens.ts';
import { reportBlob } from '../../src/azure/storage/blobs.ts';
import { deadLetterBlobs, poisonQueue, replayNotes } from '../../src/azure/storage/dead-letters.ts';
import { journalTable } from '../../src/azure/storage/journal.ts';
import { ledgerTables } from '../../src/azure/storage/ledger.ts';
import { requeueQueue } from '../../src/azure/storage/queues.ts';
import { reviewTable } from '../../src/azure/storage/reviews.ts';
import { openTable } from '../../src/azure/storage/tables.ts';
import type { Deadline } from '../../src/lib/deadline.ts';
import { emptyJournalPage } from '../../src/status/journal.ts';
import { groupId } from '../dns/fixtures.ts';
import { registryOf } from '../registries/registry-of.ts';
import { anImage, at, d1, idOf, tagOf } from '../replication/fixtures.ts';
import { stateAfter } from '../routing/fixtures.ts';
import type { Answer } from '../support/hanging-server.ts';
import { aKey, listPorts, type ReadPort, resourcePorts } from './arm/ports.ts';

/** A call to a service of Azure, for one that does not answer to its end. */
export interface LimitedCall {
  readonly what: string;
  /** How long it takes where its caller would wait for longer; `undefined`: for as long as its caller waits. */
  readonly ownMs: number | undefined;
  /** What it then says: it names what was asked for. */
  readonly says: RegExp;
  readonly make: (url: string, deadline: Deadline) => Promise<unknown>;
  /** What is answered before something hangs, such as the first page. */
  readonly before?: Answer;
  /** Whether all of the answer is its head. */
  readonly isHead?: true;
}

/** A call with its caller's deadline. */
type Call = LimitedCall['make'];

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

const json = { 'content-type': 'application/json' };

// Azure Resource Manager

const armMs = 8_000;
const armSays = /^UncertainCallError: .+ on \S+ did not succeed: no answer in time$/;
const access = (endpoint: string) => ({ endpoint, audience: 'unused', credential: undefined });
const firstArmPage =
  (resource: unknown): Answer =>
  (request, url) => {
    if (request.url?.includes('page=2')) return undefined;
    return { headers: json, body: JSON.stringify({ value: [resource], nextLink: `${url}/next?page=2` }) };
  };
const armRead = ({ name: what, read: make }: ReadPort): LimitedCall => ({
  what,
  ownMs: armMs,
  says: armSays,
  make,
});
const armWrite = (what: string, make: Call): LimitedCall => ({ what, ownMs: armMs, says: armSays, make });
const content = { values: ['10.1.0.4'], ttlSeconds: 60, metadata: {} };
const observed = { ...content, key: aKey, etag: 'e', isAutoRegistered: false };
const writer = (url: string) => recordSetAdapters(access(url)).writer;
const setRouting: Call = (url, deadline) =>
  registryAdapters(access(url)).writer.setGlobalRouting(
    registryOf(),
    'westus',
    { enabled: false, tags: {} },
    deadline,
  );

const resourceManager: readonly LimitedCall[] = [
  ...resourcePorts.map(armRead),
  ...listPorts.map(armRead),
  ...listPorts.map((port) => ({
    ...armRead(port),
    what: `the second page of ${port.name}`,
    before: firstArmPage(port.resource),
  })),
  armWrite('the creation of a record set', (url, deadline) => writer(url).create(aKey, content, deadline)),
  armWrite('the update of a record set', (url, deadline) => writer(url).update(observed, content, deadline)),
  armWrite('the deletion of a record set', (url, deadline) => writer(url).delete(observed, deadline)),
  armWrite('a change of global routing', setRouting),
  {
    what: 'the end of a change of global routing',
    ownMs: armMs,
    says: /^running$/,
    make: setRouting,
    before: ({ method }, url) =>
      method === 'PATCH'
        ? { status: 202, headers: { ...json, 'azure-asyncoperation': `${url}/operation` }, body: '{}' }
        : undefined,
  },
];

// Storage

const storage = (url: string) => ({
  kind: 'connectionString' as const,
  connectionString: [
    'DefaultEndpointsProtocol=http;AccountName=account',
    `AccountKey=${Buffer.from('no secret').toString('base64')}`,
    ...['Table', 'Blob', 'Queue'].map((service) => `${service}Endpoint=${url}/account`),
  ].join(';'),
});

const ledger = (url: string) => ledgerTables(storage(url), undefined);
const table = (url: string) => openTable('Some', storage(url), undefined);
const journal = (url: string) => journalTable(table(url), () => new Date(at(0)));
const finished = { id: idOf(), generation: 1, finishedAtMs: at(0) };
const opened = { id: idOf(), generation: 1, addedAtMs: at(0) };
const times = [{ digest: d1, atMs: at(0) }];

const listings: Readonly<Record<string, Call>> = {
  'the open images': (url, deadline) => drain(ledger(url).open.pages(deadline)),
  'the finished images': (url, deadline) => drain(ledger(url).finished.pagesBefore(at(0), deadline)),
  'the journals of other processes': (url, deadline) => journal(url).readOthers('own', deadline),
  'the reviews of many registries': (url, deadline) =>
    reviewTable(table(url)).readAll('abcdefgh'.split(''), deadline),
};
const entities: Readonly<Record<string, Call>> = {
  ...listings,
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
  'a review': (url, deadline) => reviewTable(table(url)).read('myregistry', deadline),
  'a new review': (url, deadline) =>
    reviewTable(table(url)).write('myregistry', stateAfter(1), 'etag', deadline),
  'a journal': (url, deadline) => journal(url).write('own', emptyJournalPage, deadline),
};
/** A change of many entities never throws: it tells what it did not change, and why. */
const transactions: Readonly<Record<string, Call>> = {
  'closed images': (url, deadline) => ledger(url).open.remove([opened], deadline),
  'images that finished': (url, deadline) => ledger(url).finished.add([finished], deadline),
  'images past their retention': (url, deadline) => ledger(url).finished.remove([finished], deadline),
};
/** An empty page that is not the last one. */
const firstTablePage: Answer = (request) =>
  request.url?.includes('NextPartitionKey=')
    ? undefined
    : {
        headers: {
          'content-type': 'application/json;odata=minimalmetadata',
          'x-ms-continuation-nextpartitionkey': 'next',
          'x-ms-continuation-nextrowkey': 'next',
        },
        body: '{"value":[]}',
      };
const tableSays =
  /^StateUnavailableError: an? .+ in the table \w+ failed: check STATE or AzureWebJobsStorage$/;
const tableCall = ([what, make]: [string, Call]): LimitedCall => ({
  what,
  ownMs: 5_000,
  says: tableSays,
  make,
});

const replayMs = 20_000;
const blobSays =
  /^UncertainCallError: (read|write|mark|list|look at|take|send) [\w ]+ on http:\S+\/account\/\S+ did not succeed: no answer in time; check that the account answers from here, and its network rules$/;
const letters = (url: string) => deadLetterBlobs(storage(url), undefined, 'letters');
const notes = (url: string) => replayNotes(storage(url), undefined);
const poison = (url: string) => poisonQueue(storage(url), undefined);
const replayed = (what: string, make: Call): LimitedCall => ({ what, ownMs: replayMs, says: blobSays, make });
const firstBlobPage: Answer = (request) =>
  request.url?.includes('marker=')
    ? undefined
    : {
        headers: { 'content-type': 'application/xml' },
        body: '<?xml version="1.0"?><EnumerationResults ContainerName="c"><Blobs></Blobs><NextMarker>next</NextMarker></EnumerationResults>',
      };
const message = { group: groupId('web'), addresses: [], recordSets: [], trigger: 'event' } as const;
const report = (url: string) => reportBlob(storage(url), undefined);

const storageCalls: readonly LimitedCall[] = [
  ...Object.entries(entities).map(tableCall),
  ...Object.entries(listings).map((listing) => ({
    ...tableCall(listing),
    what: `the second page of ${listing[0]}`,
    before: firstTablePage,
  })),
  ...Object.entries(transactions).map((call) => ({
    ...tableCall(call),
    says: /"error":\{.*"name":"StateUnavailableError"/,
  })),
  {
    what: 'a message for later',
    ownMs: 8_000,
    says: /^DeferralError: the container group .*web could not be put on the deferral queue/,
    make: (url) => requeueQueue(storage(url), undefined).requeue(message, 0),
  },
  {
    what: 'the report of a sweep',
    ownMs: undefined,
    says: blobSays,
    make: (url, deadline) => report(url).read(deadline),
  },
  replayed('the dead letters', (url) => drain(letters(url).list())),
  {
    ...replayed('the second page of the dead letters', (url) => drain(letters(url).list())),
    before: firstBlobPage,
  },
  replayed('a dead letter', (url) => letters(url).read('one')),
  replayed('the mark of a dead letter', (url) => letters(url).mark('one', 'now')),
  replayed('the notes of replays', (url) => notes(url).list()),
  {
    ...replayed('the second page of the notes of replays', (url) => notes(url).list()),
    before: firstBlobPage,
  },
  replayed('a note of a replay', (url) => notes(url).write('one', 'now')),
  replayed('a look at the poison queue', (url) => poison(url).peek()),
  replayed('messages of the poison queue', (url) => poison(url).take()),
  replayed('a message that is sent again', (url) => poison(url).send('{}')),
];

// Regional endpoints and their token services

const endpointMs = 5_000;
const digest = `sha256:${'a'.repeat(64)}`;
const image = { repository: 'team/app', reference: 'v1', regions: [] };
const never = () => Promise.reject(new Error('nobody asks for it'));
const endpoints = regionalEndpoints({
  loginServerOf: never,
  roleAssignmentModeOf: never,
  credential: never,
  now: () => new Date(),
});
const registryAt = (url: string) =>
  registryOf({
    // One of its own for each server: what another one met rests a while.
    id: `${registryOf().id}-${new URL(url).port}`,
    endpoints: new Map([['westus', { url, isInsecure: url.startsWith('http:') }]]),
  });
const endpointSays =
  /"reason":"(the data host 127\.0\.0\.1: )?(no answer within 5000 ms|there was no time left to ask)"/;
const endpointCall = (what: string, make: Call, before?: Answer): LimitedCall => ({
  ...{ what, ownMs: endpointMs, says: endpointSays, make },
  ...(before && { before }),
});
const manifest = JSON.stringify({ config: { digest }, layers: [{ digest }] });
const upTo =
  (path: string): Answer =>
  (request, url) => {
    const asked = request.url ?? '';
    if (asked.includes(path)) return undefined;
    if (asked.includes('/manifests/')) return { headers: json, body: manifest };
    return { status: 307, headers: { location: `${url}/data/layer` }, body: '' };
  };
const pull: Call = (url, deadline) => endpoints.pull(registryAt(url), 'westus', image, deadline);

const anyCredential: TokenCredential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};
const tokensAt = (url: string, credential = anyCredential) => {
  const now = () => new Date();
  return registryTokens({
    credential: async () => credential,
    send: sender({ httpClient: createDefaultHttpClient(), now, timeoutMs: endpointMs }),
    now,
  }).renew(
    registryAt(url),
    'repository:a:pull',
    {
      exchangeUrl: `${url}/oauth2/exchange`,
      tokenUrl: `${url}/oauth2/token`,
      service: 'myregistry.azurecr.io',
    },
    undefined,
  );
};
const tokenSays = /^TokenServiceFailedError: its token service: no answer within 5000 ms$/;

const registryEndpoints: readonly LimitedCall[] = [
  endpointCall('the front door of an endpoint', (url, deadline) =>
    endpoints.probe(registryAt(url), 'westus', deadline),
  ),
  {
    ...endpointCall('the digest of a tag', (url, deadline) =>
      endpoints.head(registryAt(url), 'westus', image.repository, 'v1', deadline),
    ),
    isHead: true,
  },
  // A head without a digest leads to a second call.
  endpointCall(
    'the digest of a tag by its manifest',
    (url, deadline) => endpoints.head(registryAt(url), 'westus', image.repository, 'v1', deadline),
    ({ method }) => (method === 'HEAD' ? { body: '' } : undefined),
  ),
  {
    ...endpointCall('a manifest', (url, deadline) =>
      endpoints.contents(registryAt(url), 'westus', image.repository, digest, deadline),
    ),
    says: /^nothing$/,
  },
  endpointCall('the absence of a manifest', (url, deadline) =>
    endpoints.confirmAbsence(registryAt(url), 'westus', image.repository, digest, deadline),
  ),
  {
    ...endpointCall('a layer', (url, deadline) =>
      endpoints.hasBlob(registryAt(url), 'westus', image.repository, digest, deadline),
    ),
    isHead: true,
  },
  endpointCall('the manifest of a pull', pull),
  endpointCall('the layer of a pull', pull, upTo('/blobs/')),
  endpointCall('the data host of a pull', pull, upTo('/data/')),
  { what: 'the exchange of a token', ownMs: endpointMs, says: tokenSays, make: (url) => tokensAt(url) },
  {
    ...{ what: 'the token of a registry', ownMs: endpointMs, says: tokenSays, make: (url) => tokensAt(url) },
    before: (request) =>
      request.url?.includes('exchange') ? { headers: json, body: '{"refresh_token":"r"}' } : undefined,
  },
];

// Others

const signal = {
  id: '1',
  type: 'evenkeel.registry.replicated',
  source: 's',
  subject: 's',
  data: {},
} as const;
const row = {
  ...{ TimeGenerated: '2026-11-21T08:00:00Z', Finding: 'drift', ContainerGroup: 'g', HostName: 'h' },
  ...{ Zone: 'z', LiveAddress: null, RecordAddress: null, EventId: 'e', LagMs: null },
};
const insecure = (url: string) => ({ url, isInsecure: true });
const unreachable = /^\{"kind":"unreachable","reason":"no answer in time"\}$/;
const connect = (service: 'blob' | 'queue' | 'table'): LimitedCall => ({
  what: `the ${service} storage of doctor`,
  ownMs: 8_000,
  says: unreachable,
  make: (url) => storageConnectivity(never)(service, storage(url)),
});

const query = (
  at: { readonly endpoint: string; readonly credential: TokenCredential | undefined },
  deadline: Deadline,
) =>
  queryObservations(
    { ...at, audience: at.endpoint, id: 'w' },
    { query: 'q', start: new Date(), end: new Date() },
    deadline,
  );

const others: readonly LimitedCall[] = [
  {
    what: 'a topic',
    ownMs: 6_000,
    says: /^SignalError: .*1/,
    make: (url) => signalTopic(insecure(url), undefined).publish([signal]),
  },
  {
    what: 'the drift log',
    ownMs: 10_000,
    says: /^UncertainCallError: upload an observation on the data collection rule dcr-1 did not succeed: no answer in time; check LOGS_INGESTION_ENDPOINT$/,
    make: (url) =>
      driftLog({ endpoint: insecure(url), ruleId: 'dcr-1', stream: 'Custom-Drift' }, undefined, url).write(
        row,
      ),
  },
  {
    what: 'a query of the log workspace',
    ownMs: 60_000,
    says: /^UncertainCallError: query logs on the workspace w did not succeed: no answer in time$/,
    make: (endpoint, deadline) => query({ endpoint, credential: undefined }, deadline),
  },
  connect('blob'),
  connect('queue'),
  connect('table'),
  {
    what: 'the topic of doctor',
    ownMs: 8_000,
    says: unreachable,
    make: (url) => topicConnectivity(insecure(url), undefined),
  },
];

/** Every call that the app and its command make to Azure. */
export const limitedCalls = { resourceManager, storageCalls, registryEndpoints, others };

/** A call whose token does not come. */
export interface TokenCall extends Pick<LimitedCall, 'what' | 'ownMs' | 'says'> {
  readonly make: (credential: TokenCredential, deadline: Deadline) => Promise<unknown>;
}

/** Where a call without a token would be refused anyway. */
const closed = { url: 'https://account.invalid', isInsecure: false } as const;
const withIdentity = { kind: 'identity', endpoint: closed } as const;

/** One call of each client that gets tokens. */
export const tokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'a record set', ownMs: armMs, says: armSays },
    make: (credential, deadline) =>
      recordSetAdapters({ endpoint: closed.url, audience: 'a', credential }).reader.read(aKey, deadline),
  },
  {
    ...{ what: 'the subscriptions', ownMs: armMs, says: armSays },
    make: (credential, deadline) =>
      subscriptionLister({ endpoint: closed.url, audience: 'a', credential }).list(deadline),
  },
  {
    ...{ what: 'an image', ownMs: 5_000, says: tableSays },
    make: (credential, deadline) => ledgerTables(withIdentity, credential).images.read(idOf(), deadline),
  },
  {
    ...{
      what: 'the report of a sweep',
      ownMs: undefined,
      says: /^UncertainCallError: read the report on https/,
    },
    make: (credential, deadline) => reportBlob(withIdentity, credential).read(deadline),
  },
  {
    ...{ what: 'a dead letter', ownMs: replayMs, says: /^UncertainCallError: read a dead letter on https/ },
    make: (credential) => deadLetterBlobs(withIdentity, credential, 'letters').read('one'),
  },
  {
    ...{ what: 'a message for later', ownMs: 8_000, says: /^DeferralError/ },
    make: (credential) => requeueQueue(withIdentity, credential).requeue(message, 0),
  },
  {
    ...{ what: 'a topic', ownMs: 6_000, says: /^SignalError/ },
    make: (credential) => signalTopic(closed, credential).publish([signal]),
  },
  {
    ...{ what: 'the drift log', ownMs: 10_000, says: /^UncertainCallError: upload an observation/ },
    make: (credential) =>
      driftLog({ endpoint: closed, ruleId: 'dcr-1', stream: 'Custom-Drift' }, credential, 'a').write(row),
  },
  {
    ...{ what: 'a query of the log workspace', ownMs: undefined, says: /^UncertainCallError: query logs/ },
    make: (credential, deadline) => query({ endpoint: closed.url, credential }, deadline),
  },
  {
    ...{ what: 'the token of a registry', ownMs: 8_000 },
    says: /^NoTokenError: the app's identity got no token \(TimeoutError\)$/,
    make: (credential) => tokensAt(closed.url, credential),
  },
  ...(['blob', 'queue', 'table'] as const).map((service) => ({
    ...{ what: `the ${service} storage of doctor`, ownMs: 8_000, says: unreachable },
    make: (credential: TokenCredential) => storageConnectivity(async () => credential)(service, withIdentity),
  })),
  {
    ...{ what: 'the topic of doctor', ownMs: 8_000, says: unreachable },
    make: (credential) => topicConnectivity(closed, credential),
  },
];

/** A call of each client that speaks TLS itself. */
export const handshakeCalls: readonly LimitedCall[] = [
  endpointCall('the front door of an endpoint', (url, deadline) =>
    endpoints.probe(registryAt(url), 'westus', deadline),
  ),
  { what: 'the exchange of a token', ownMs: endpointMs, says: tokenSays, make: (url) => tokensAt(url) },
  {
    ...{ what: 'a record set', ownMs: armMs, says: armSays },
    make: (endpoint, deadline) =>
      recordSetAdapters({ endpoint, audience: 'a', credential: anyCredential }).reader.read(aKey, deadline),
  },
];
