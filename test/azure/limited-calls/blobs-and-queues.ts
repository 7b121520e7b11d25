import type { AuditReport } from '../../../src/dns/audit/report.ts';
import { groupId } from '../../dns/fixtures.ts';
import type { Answer, Reply } from '../../support/hanging-server.ts';
import { adapters } from './adapters.ts';
import {
  type Call,
  drain,
  type LimitedCall,
  storageAt,
  type TokenCall,
  withIdentity,
} from './limited-call.ts';

const replayMs = 20_000;
const requeueMs = 8_000;
const blobSays =
  /^UncertainCallError: (read|write|mark|list|look at|take|send) [\w ]+ on http:\S+\/account\/\S+ did not succeed: no answer in time; check that the account answers from here, and its network rules$/;
const requeueSays = /^DeferralError: the container group .*web could not be put on the deferral queue/;

const letters = (url: string) => adapters.deadLetterBlobs(storageAt(url), undefined, 'letters');
const notes = (url: string) => adapters.replayNotes(storageAt(url), undefined);
const poison = (url: string) => adapters.poisonQueue(storageAt(url), undefined);
const report = (url: string) => adapters.reportBlob(storageAt(url), undefined);
const message = { group: groupId('web'), addresses: [], recordSets: [], trigger: 'event' } as const;
const requeue: Call = (url) => adapters.requeueQueue(storageAt(url), undefined).requeue(message, 0);
const noReport: AuditReport = {
  ...{ startedAt: '2026-11-21T08:00:00Z', finishedAt: '2026-11-21T08:00:00Z', complete: true },
  ...{ unread: [], spokes: [], findings: [], sharedAddresses: [], unmapped: [], strips: {} },
};

const replayed = (what: string, make: Call, before?: Answer): LimitedCall => ({
  ...{ what, ownMs: replayMs, says: blobSays, make },
  ...(before && { before }),
});
/** It takes as long as its caller waits. */
const ofReport = (what: string, make: Call, before?: Answer): LimitedCall => ({
  ...replayed(what, make, before),
  ownMs: undefined,
});
const ofQueue = (what: string, before?: Answer): LimitedCall => ({
  ...replayed(what, requeue, before),
  ...{ ownMs: requeueMs, says: requeueSays },
});

const xml = { 'content-type': 'application/xml' };
/** An empty page that is not the last one. */
const firstPage: Answer = (request) =>
  request.url?.includes('marker=')
    ? undefined
    : {
        headers: xml,
        body: '<?xml version="1.0"?><EnumerationResults ContainerName="c"><Blobs></Blobs><NextMarker>next</NextMarker></EnumerationResults>',
      };
/** Answers the requests with this in their URL. */
const to =
  (part: string, reply: Partial<Reply>): Answer =>
  (request) =>
    request.url?.includes(part) ? { body: '', ...reply } : undefined;
const missing = (code: string): Reply => ({
  status: 404,
  headers: { ...xml, 'x-ms-error-code': code },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>missing</Message></Error>`,
});

/** Each server has no queue until it is made. */
function untilQueueIsMade(): Answer {
  const made = new Set<string>();
  return ({ method }, url) => {
    if (made.has(url)) return undefined;
    if (method === 'PUT') made.add(url);
    return method === 'PUT' ? { status: 201, body: '' } : missing('QueueNotFound');
  };
}

export const blobAndQueueCalls: readonly LimitedCall[] = [
  ofReport('the report of a sweep', (url, deadline) => report(url).read(deadline)),
  ofReport('a new report of a sweep', (url, deadline) => report(url).write(noReport, deadline)),
  ofReport(
    'the container of a new report',
    (url, deadline) => report(url).write(noReport, deadline),
    to('dns-audit.json', missing('ContainerNotFound')),
  ),
  ofQueue('a message for later'),
  ofQueue('the queue of a message for later', to('/messages', missing('QueueNotFound'))),
  ofQueue('a message for a queue that was missing', untilQueueIsMade()),
  replayed('the dead letters', (url) => drain(letters(url).list())),
  replayed('the second page of the dead letters', (url) => drain(letters(url).list()), firstPage),
  replayed('a dead letter', (url) => letters(url).read('one')),
  replayed('the properties of a dead letter', (url) => letters(url).mark('one', 'now')),
  replayed(
    'the mark of a dead letter',
    (url) => letters(url).mark('one', 'now'),
    ({ method }) => (method === 'HEAD' ? { body: '' } : undefined),
  ),
  replayed('the notes of replays', (url) => notes(url).list()),
  replayed('the second page of the notes of replays', (url) => notes(url).list(), firstPage),
  replayed('the container of a note of a replay', (url) => notes(url).write('one', 'now')),
  replayed(
    'a note of a replay',
    (url) => notes(url).write('one', 'now'),
    to('restype=container', { status: 201 }),
  ),
  replayed('the length of the poison queue', (url) => poison(url).peek()),
  replayed(
    'a look at the poison queue',
    (url) => poison(url).peek(),
    to('comp=metadata', {
      headers: { 'x-ms-approximate-messages-count': '1' },
    }),
  ),
  replayed('messages of the poison queue', (url) => poison(url).take()),
  replayed('a message that is sent again', (url) => poison(url).send('{}')),
];

export const blobAndQueueTokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'the report of a sweep', ownMs: undefined },
    says: /^UncertainCallError: read the report on https/,
    make: (credential, deadline) => adapters.reportBlob(withIdentity, credential).read(deadline),
  },
  {
    ...{ what: 'a dead letter', ownMs: replayMs, says: /^UncertainCallError: read a dead letter on https/ },
    make: (credential) => adapters.deadLetterBlobs(withIdentity, credential, 'letters').read('one'),
  },
  {
    ...{ what: 'a message for later', ownMs: requeueMs, says: /^DeferralError/ },
    make: (credential) => adapters.requeueQueue(withIdentity, credential).requeue(message, 0),
  },
];
