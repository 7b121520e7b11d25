import type { TokenCredential } from '@azure/core-auth';
import { adapters } from './adapters.ts';
import {
  closed,
  insecure,
  type LimitedCall,
  never,
  storageAt,
  type TokenCall,
  withIdentity,
} from './limited-call.ts';

const limits = { ownMs: 8_000, says: /^\{"kind":"unreachable","reason":"no answer in time"\}$/ };
const services = ['blob', 'queue', 'table'] as const;

/** What doctor tries. */
export const connectivityCalls: readonly LimitedCall[] = [
  ...services.map(
    (service): LimitedCall => ({
      ...{ what: `the ${service} storage of doctor`, ...limits },
      make: (url) => adapters.storageConnectivity(never)(service, storageAt(url)),
    }),
  ),
  {
    ...{ what: 'the topic of doctor', ...limits },
    make: (url) => adapters.topicConnectivity(insecure(url), undefined),
  },
];

export const connectivityTokenCalls: readonly TokenCall[] = [
  ...services.map(
    (service): TokenCall => ({
      ...{ what: `the ${service} storage of doctor`, ...limits },
      make: (credential: TokenCredential) =>
        adapters.storageConnectivity(async () => credential)(service, withIdentity),
    }),
  ),
  {
    ...{ what: 'the topic of doctor', ...limits },
    make: (credential) => adapters.topicConnectivity(closed, credential),
  },
];
