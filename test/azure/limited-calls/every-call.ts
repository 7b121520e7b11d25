import { aKey } from '../arm/ports.ts';
import { adapters } from './adapters.ts';
import { blobAndQueueCalls, blobAndQueueTokenCalls } from './blobs-and-queues.ts';
import { connectivityCalls, connectivityTokenCalls } from './connectivity.ts';
import { anyCredential, type LimitedCall, type TokenCall } from './limited-call.ts';
import {
  registryEndpointCalls,
  registryEndpointHandshakes,
  registryEndpointTokenCalls,
} from './registry-endpoints.ts';
import { armMs, armSays, resourceManagerCalls, resourceManagerTokenCalls } from './resource-manager.ts';
import { signalAndLogCalls, signalAndLogTokenCalls } from './signals-and-logs.ts';
import { tableCalls, tableTokenCalls } from './tables.ts';

/** Every call that the app and its command make to Azure. */
export const everyCall = {
  'Resource Manager': resourceManagerCalls,
  tables: tableCalls,
  'blobs and queues': blobAndQueueCalls,
  'regional endpoints and their token services': registryEndpointCalls,
  'topics and logs': signalAndLogCalls,
  'what doctor tries': connectivityCalls,
} satisfies Readonly<Record<string, readonly LimitedCall[]>>;

/** One call of each client that gets tokens. */
export const tokenCalls: readonly TokenCall[] = [
  ...resourceManagerTokenCalls,
  ...tableTokenCalls,
  ...blobAndQueueTokenCalls,
  ...registryEndpointTokenCalls,
  ...signalAndLogTokenCalls,
  ...connectivityTokenCalls,
];

/** A call of each client that speaks TLS itself. */
export const handshakeCalls: readonly LimitedCall[] = [
  ...registryEndpointHandshakes,
  {
    ...{ what: 'a record set', ownMs: armMs, says: armSays },
    make: (endpoint, deadline) =>
      adapters
        .recordSetAdapters({ endpoint, audience: 'a', credential: anyCredential })
        .reader.read(aKey, deadline),
  },
];
