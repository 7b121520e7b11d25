import { registryOf } from '../../registries/registry-of.ts';
import type { Answer, Reply } from '../../support/hanging-server.ts';
import { aKey, listPorts, type ReadPort, resourcePorts } from '../arm/ports.ts';
import { adapters } from './adapters.ts';
import { type Call, closed, json, type LimitedCall, type TokenCall } from './limited-call.ts';

export const armMs = 8_000;
export const armSays = /^UncertainCallError: .+ on \S+ did not succeed: no answer in time$/;

const access = (endpoint: string) => ({ endpoint, audience: 'unused', credential: undefined });
const armCall = (what: string, make: Call): LimitedCall => ({ what, ownMs: armMs, says: armSays, make });
const armRead = ({ name, read }: ReadPort): LimitedCall => armCall(name, read);

const firstPage =
  (resource: unknown): Answer =>
  (request, url) => {
    if (request.url?.includes('page=2')) return undefined;
    return { headers: json, body: JSON.stringify({ value: [resource], nextLink: `${url}/next?page=2` }) };
  };

/** The first request of each server is answered so. */
function first(reply: Reply): Answer {
  const answered = new Set<string>();
  return (_, url) => {
    if (answered.has(url)) return undefined;
    answered.add(url);
    return reply;
  };
}

const content = { values: ['10.1.0.4'], ttlSeconds: 60, metadata: {} };
const observed = { ...content, key: aKey, etag: 'e', isAutoRegistered: false };
const writer = (url: string) => adapters.recordSetAdapters(access(url)).writer;
const reader = (url: string) => adapters.armReader(access(url));
const setRouting: Call = (url, deadline) =>
  adapters
    .registryAdapters(access(url))
    .writer.setGlobalRouting(registryOf(), 'westus', { enabled: false, tags: {} }, deadline);

export const resourceManagerCalls: readonly LimitedCall[] = [
  ...resourcePorts.map(armRead),
  ...listPorts.map(armRead),
  ...listPorts.map((port) => ({
    ...armRead(port),
    what: `the second page of ${port.name}`,
    before: firstPage(port.resource),
    isDroppedLate: true as const,
  })),
  armCall('anything that doctor asks by a POST', (url, deadline) =>
    reader(url).post('/providers/Some/thing', '2025-01-01', deadline),
  ),
  {
    ...armCall('anything that doctor reads again', (url, deadline) =>
      adapters.armReader(access(url), { pausesMs: [0] }).find('/some/thing', '2025-01-01', deadline),
    ),
    before: first({ status: 503, body: '' }),
  },
  armCall('the time of Resource Manager', (url, deadline) => reader(url).time(deadline)),
  {
    ...armCall('what Resource Health says of a registry', (url, deadline) =>
      adapters.readAvailability(reader(url), registryOf().id, deadline),
    ),
    says: /^nothing$/,
  },
  armCall('the creation of a record set', (url, deadline) => writer(url).create(aKey, content, deadline)),
  armCall('the update of a record set', (url, deadline) => writer(url).update(observed, content, deadline)),
  armCall('the deletion of a record set', (url, deadline) => writer(url).delete(observed, deadline)),
  armCall('a change of global routing', setRouting),
  {
    ...armCall('the end of a change of global routing', setRouting),
    says: /^running$/,
    before: ({ method }, url) =>
      method === 'PATCH'
        ? { status: 202, headers: { ...json, 'azure-asyncoperation': `${url}/operation` }, body: '{}' }
        : undefined,
  },
];

export const resourceManagerTokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'a record set', ownMs: armMs, says: armSays },
    make: (credential, deadline) =>
      adapters
        .recordSetAdapters({ endpoint: closed.url, audience: 'a', credential })
        .reader.read(aKey, deadline),
  },
  {
    ...{ what: 'the subscriptions', ownMs: armMs, says: armSays },
    make: (credential, deadline) =>
      adapters.subscriptionLister({ endpoint: closed.url, audience: 'a', credential }).list(deadline),
  },
  {
    ...{ what: 'a change of global routing', ownMs: armMs, says: armSays },
    make: (credential, deadline) =>
      adapters
        .registryAdapters({ endpoint: closed.url, audience: 'a', credential })
        .writer.setGlobalRouting(registryOf(), 'westus', { enabled: false, tags: {} }, deadline),
  },
];
