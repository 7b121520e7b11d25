import { containerGroupAdapters } from '../../../src/azure/arm/container-groups.ts';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { registryAdapters } from '../../../src/azure/arm/registries.ts';
import { readAvailability } from '../../../src/azure/arm/resource-health.ts';
import { armReader } from '../../../src/azure/arm/resources.ts';
import { subscriptionLister } from '../../../src/azure/arm/subscriptions.ts';
import { storageConnectivity, topicConnectivity } from '../../../src/azure/connectivity.ts';
import { signalTopic } from '../../../src/azure/event-grid.ts';
import { driftLog } from '../../../src/azure/logs-ingestion.ts';
import { queryObservations } from '../../../src/azure/logs-query.ts';
import { regionalEndpoints } from '../../../src/azure/registry-endpoint/endpoint.ts';
import { reportBlob } from '../../../src/azure/storage/blobs.ts';
import { deadLetterBlobs, poisonQueue, replayNotes } from '../../../src/azure/storage/dead-letters.ts';
import { journalTable } from '../../../src/azure/storage/journal.ts';
import { ledgerTables } from '../../../src/azure/storage/ledger.ts';
import { loginServerTable } from '../../../src/azure/storage/login-servers.ts';
import { membershipsTable } from '../../../src/azure/storage/memberships.ts';
import { newestImageTable } from '../../../src/azure/storage/newest-images.ts';
import { requeueQueue } from '../../../src/azure/storage/queues.ts';
import { reviewTable } from '../../../src/azure/storage/reviews.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';

/** What the modules of `src/azure` export to call Azure with. */
const exported = {
  armReader,
  containerGroupAdapters,
  deadLetterBlobs,
  driftLog,
  journalTable,
  ledgerTables,
  loginServerTable,
  membershipsTable,
  newestImageTable,
  openTable,
  poisonQueue,
  queryObservations,
  readAvailability,
  recordSetAdapters,
  regionalEndpoints,
  registryAdapters,
  replayNotes,
  reportBlob,
  requeueQueue,
  reviewTable,
  signalTopic,
  storageConnectivity,
  subscriptionLister,
  topicConnectivity,
};

/** Each function of what was made, as `recordSetAdapters.writer.create`, and whether it was called. */
export const methods = new Map<string, 'called' | 'not called'>();

/** The same, which notes each function and each call. */
export const adapters = noting(exported, '');

function noting<T>(value: T, path: string): T {
  if (typeof value === 'function') {
    if (!methods.has(path)) methods.set(path, 'not called');
    return new Proxy(value, {
      apply(target, self, args) {
        methods.set(path, 'called');
        const made: unknown = Reflect.apply(target, self, args);
        return noting(made, typeof made === 'function' ? `${path}()` : path);
      },
    });
  }
  // Neither a promise nor a listing.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    noting(member, path === '' ? name : `${path}.${name}`),
  ]);
  // Safe: it has the same members.
  return Object.fromEntries(members) as T;
}

/** Whether a function of a module of `src/azure` is one of those that the adapters note. */
export const isNoted = (name: string, value: unknown): boolean =>
  (exported as Readonly<Record<string, unknown>>)[name] === value;
