import { app, HttpRequest, type InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import type { AuditReport } from '../../src/dns/audit/report.ts';
import { groupId } from '../dns/fixtures.ts';
import { resourceEvent } from '../e2e/events.ts';
import { payload } from '../events/payloads.ts';
import { invocation, registryId, secret } from '../support/fake-notifications.ts';
import { type Answer, type HangingServer, hangingServer } from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

/** A function as the whole app binds it, while neither Azure nor storage answers to the end. */
interface Invocation {
  readonly name: string;
  readonly input: () => unknown;
  /** The longest time that it may take. */
  readonly limitMs: number;
  /** How it ends. */
  readonly says: RegExp;
  readonly logs?: RegExp;
  /** What is answered before something hangs. */
  readonly before?: Answer;
}

const group = groupId('web');
const http = (method: string, path: string, body?: unknown, headers = {}) =>
  new HttpRequest({
    method,
    url: `http://127.0.0.1/api/${path}`,
    query: Object.fromEntries(new URL(path, 'http://127.0.0.1').searchParams),
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    headers: { 'content-type': 'application/json', ...headers },
  });
const image = { registry: 'myregistry', repository: 'team/app', reference: 'v1' };
const tool = (args: object) => () => ({ name: 'tool', arguments: args });

// Its thread would take real time.
vi.mock('../../src/dns/audit/sweep-thread.ts', () => ({ sweepOnThread: async () => sweptReport }));
const sweptReport: AuditReport = {
  ...{ startedAt: '2026-11-21T08:00:00.000Z', finishedAt: '2026-11-21T08:00:01.000Z', complete: true },
  ...{ unread: [], spokes: [], sharedAddresses: [], unmapped: [], strips: {} },
  findings: [
    {
      ...{ finding: 'aMissing', containerGroup: group.key, addresses: ['10.1.0.4'], recordSets: [] },
      ...{ liveAddress: '10.1.0.4', recordAddress: null, isRefused: false },
      since: '2026-11-21T08:00:00.000Z',
    },
  ],
};
const noReport = { status: 404, headers: { 'x-ms-error-code': 'BlobNotFound' }, body: '' };
const untilReportOfSweep: Answer = ({ method }) => (method === 'PUT' ? undefined : noReport);
const untilSignals: Answer = ({ method }) => {
  if (method === 'POST') return undefined;
  return method === 'PUT' ? { status: 201, headers: { etag: '"1"' }, body: '' } : noReport;
};

const invocations: readonly Invocation[] = [
  {
    ...{ name: 'getStatus', limitMs: 15_000, input: () => http('GET', 'status') },
    // Every part is named that could not be read.
    says: /"even\\":false.*audit report cannot be read.*images cannot be read.*reviews cannot be read.*journal cannot be read/,
  },
  {
    ...{ name: 'getReplication', limitMs: 25_000, says: /"status":503.*"notAnswered"/ },
    input: () => http('GET', `replication?${new URLSearchParams(image)}`),
  },
  {
    ...{ name: 'receiveRegistryWebhook', limitMs: 20_000, says: /"status":503.*"notRecorded"/ },
    input: () =>
      http('POST', 'registry-webhook?region=westus', payload('registry-webhook', 'push'), {
        'x-evenkeel-secret': secret,
      }),
  },
  {
    ...{ name: 'rehearseReplica', limitMs: 25_000, says: /"status":503/ },
    input: () =>
      http('POST', 'rehearsals', {
        ...{ registry: 'myregistry', region: 'westus', for: 'PT10M', by: 'x', reason: 'test' },
      }),
  },
  {
    ...{ name: 'reconcileDns', limitMs: 25_000, input: () => resourceEvent(group.key) },
    says: /^NotConvergedError: the records of .*\/web are not right/,
  },
  {
    // The report of the sweep before is read first. The sweep itself: sweep-thread.test.ts.
    ...{ name: 'auditDns', limitMs: 20_000, input: () => ({}) },
    says: /^UncertainCallError: read the report on .* no answer in time; check that the account answers/,
  },
  {
    ...{ name: 'auditDns', limitMs: 20_000, input: () => ({}), before: untilReportOfSweep },
    says: /^UncertainCallError: write the report on .* no answer in time; check that the account answers/,
  },
  {
    ...{ name: 'auditDns', limitMs: 6_000, input: () => ({}), before: untilSignals },
    says: /^SignalError: 1 signal/,
  },
  {
    ...{ name: 'trackIpDrift', limitMs: 25_000, input: () => resourceEvent(group.key) },
    says: /^UncertainCallError: read A web on .* no answer in time$/,
  },
  {
    // Putting it back comes on top.
    ...{ name: 'resumeDns', limitMs: 33_000, input: () => ({ containerGroup: group.key }) },
    says: /^DeferralError: .*\/web could not be put on the deferral queue/,
  },
  {
    ...{ name: 'receiveRegistryEvent', limitMs: 25_000, says: /^StateUnavailableError: a read in the table/ },
    input: () => payload('container-registry', 'image-pushed'),
  },
  {
    // The look at the replicas, the images and the registries, one after the other.
    ...{ name: 'reviewReplicas', limitMs: 65_000, input: () => ({}) },
    says: /^StateUnavailableError: a query in the table EvenkeelOpenImages failed/,
    // What hangs of the images does not keep the registries from being reviewed.
    logs: /registry review failed .*StateUnavailableError/,
  },
  {
    ...{ name: 'mcpStatus', limitMs: 15_000, input: tool({}) },
    says: /"unknown\\":\[\\"audit\\",\\"images\\",\\"reviews\\",\\"journal\\"\]/,
  },
  { name: 'mcpReplication', limitMs: 25_000, says: /notAnswered: .*"isError":true/, input: tool(image) },
  {
    ...{ name: 'mcpPlan', limitMs: 25_000, input: tool({ container_group: group.key }) },
    says: /notAnswered: plan_dns cannot be answered now.*"isError":true/,
  },
];

type Handler = (input: unknown, context: InvocationContext) => unknown;
const handlers = new Map<string, Handler>();
let azure: HangingServer;
const hanging: Answer = () => undefined;
let answer = hanging;

beforeAll(async () => {
  Math.random = () => roll;
  azure = await hangingServer('the head is sent, and the body withheld', (request, url) =>
    answer(request, url),
  );
  const { url } = azure;
  const settings = {
    ARM_ENDPOINT: url,
    DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
    REGISTRIES: JSON.stringify([{ id: registryId('myregistry'), endpoints: { westus: url } }]),
    REGISTRY_WEBHOOK_SECRET: secret,
    SIGNAL_TOPIC__topicEndpointUri: url,
    MCP_TOOLS: 'on',
    AzureWebJobsStorage: [
      'DefaultEndpointsProtocol=http;AccountName=account',
      `AccountKey=${Buffer.from('no secret').toString('base64')}`,
      ...['Table', 'Blob', 'Queue'].map((service) => `${service}Endpoint=${url}/account`),
    ].join(';'),
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  for (const kind of ['http', 'timer', 'eventGrid', 'storageQueue', 'mcpTool'] as const)
    vi.spyOn(app, kind).mockImplementation((name: string, options: { handler: unknown }) => {
      // Each kind of trigger has its own input, which the table gives it.
      handlers.set(name, options.handler as Handler);
    });
  await Promise.all([
    import('../../src/main.ts'),
    import('../../src/composition/dns.ts'),
    import('../../src/azure/arm/container-groups.ts'),
    import('../../src/azure/arm/record-sets.ts'),
    import('../../src/azure/arm/record-set-changes.ts'),
    import('../../src/azure/arm/container-group-lister.ts'),
    import('../../src/azure/arm/registries.ts'),
    import('../../src/azure/arm/resources.ts'),
    import('../../src/azure/arm/resource-health.ts'),
    import('../../src/azure/login-server-route.ts'),
    import('../../src/azure/registry-endpoint/endpoint.ts'),
    import('../../src/azure/event-grid.ts'),
    import('../../src/azure/storage/blobs.ts'),
    import('../../src/azure/storage/journal.ts'),
    import('../../src/azure/storage/ledger.ts'),
    import('../../src/azure/storage/login-servers.ts'),
    import('../../src/azure/storage/memberships.ts'),
    import('../../src/azure/storage/newest-images.ts'),
    import('../../src/azure/storage/queues.ts'),
    import('../../src/azure/storage/reviews.ts'),
    import('../../src/settings/schedule.ts'),
  ]);
});
afterAll(async () => {
  Math.random = realRandom;
  vi.unstubAllEnvs();
  await azure[Symbol.asyncDispose]();
});
simulateTime();
let hours = 0;
/** What `Math.random` gives: the app keeps the function itself. */
let roll = 0;
const realRandom = Math.random;

/** What asks nobody. */
const askNobody = ['statusPage'];

it('every function has a row, or asks nobody', () => {
  const withRows = invocations.map(({ name }) => name);
  expect([...new Set([...withRows, ...askNobody])].sort()).toEqual([...handlers.keys()].sort());
});

/** Of the pauses between attempts: with the longest ones, the time is over in a pause, and not in a call. */
const rolls = [0, 0.999].flatMap((random) => invocations.map((one) => ({ ...one, random })));

it.each(rolls)(
  '$name ends within $limitMs ms, with a random number of $random',
  async ({ name, input, limitMs, says, random, logs = /./, before = hanging }) => {
    // An hour after the one before: nothing that the app learned then is fresh.
    hours += 1;
    vi.setSystemTime(Date.now() + hours * 3_600_000);
    roll = random;
    answer = before;
    const { context, lines } = invocation();
    const handler = handlers.get(name);
    if (handler === undefined) throw new Error(`${name} is not bound`);
    const [end] = await endings([{ work: (async () => handler(input(), context))() }]);
    expect(end?.afterMs).toBeGreaterThan(0);
    expect(end?.afterMs).toBeLessThanOrEqual(limitMs);
    expect(end?.outcome).toMatch(says);
    expect(lines.join('\n')).toMatch(logs);
  },
);
