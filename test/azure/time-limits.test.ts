import dns from 'node:dns';
import type { GetTokenOptions, TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { limitRequests } from '../../src/azure/arm/client.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { connecting, fullPort } from '../support/full-port.ts';
import { everyHang, type HangingServer, hangingServer, mutePort } from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import { everyCall, handshakeCalls, tokenCalls } from './limited-calls/every-call.ts';
import type { LimitedCall, TokenCall } from './limited-calls/limited-call.ts';

simulateTime();

let full: Awaited<ReturnType<typeof fullPort>>;
beforeAll(async () => {
  full = await fullPort();
});
afterAll(() => full[Symbol.asyncDispose]());

const longMs = 3_000_000;
const shortMs = 3_000;

/** Makes the call to a server for each way to hang, and to one that accepts no connection. */
async function endingsOf(call: LimitedCall, deadlineMs: number) {
  await using servers = new AsyncDisposableStack();
  // Of others in this process.
  const before = connecting();
  const all: HangingServer[] = [];
  for (const hang of hangsOf(call)) all.push(servers.use(await hangingServer(hang, call.before)));
  const toAll = all.map(({ url, held }) => ({ work: call.make(url, deadlineIn(deadlineMs)), held }));
  const toFull = call.before === undefined ? [{ work: call.make(full.url, deadlineIn(deadlineMs)) }] : [];
  const found = await endings([...toAll, ...toFull]);
  // Nor does a connection outlive its call: it would keep a process from ending.
  const lateMs = call.isDroppedLate ? (call.ownMs ?? 0) : 0;
  const dropped = await endings(all.map(({ dropped: work }) => ({ work })));
  expect(Math.max(...dropped.map(({ afterMs }) => afterMs))).toBeLessThanOrEqual(lateMs);
  expect(connecting()).toBeLessThanOrEqual(before);
  return Object.fromEntries(waysOf(call).map((way, index) => [way, found[index]]));
}

const hangsOf = ({ isHead }: LimitedCall) => (isHead ? everyHang.slice(0, 1) : everyHang);
const waysOf = (call: LimitedCall) => [
  ...hangsOf(call),
  ...(call.before === undefined ? ['no connection is accepted'] : []),
];

const inEachWay = (call: LimitedCall, afterMs: number) =>
  Object.fromEntries(
    waysOf(call).map((way) => [way, { afterMs, outcome: expect.stringMatching(call.says) }]),
  );

/** With the limit of its own, and with a deadline that ends earlier. */
const limitsOf = <C extends Pick<LimitedCall, 'what' | 'ownMs' | 'make'> | TokenCall>(calls: readonly C[]) =>
  calls.flatMap((call) => [
    ...(call.ownMs === undefined
      ? []
      : [{ ...call, deadlineMs: longMs, endsMs: call.ownMs, by: `its own ${call.ownMs} ms` }]),
    // One that takes no deadline has no second limit.
    ...(call.make.length > 1
      ? [{ ...call, deadlineMs: shortMs, endsMs: shortMs, by: 'the deadline of its caller' }]
      : []),
  ]);

describe.each(Object.entries(everyCall))('a service of Azure does not answer to its end: %s', (_, calls) => {
  it.each(limitsOf(calls))('$what ends with $by', async (call) => {
    expect(await endingsOf(call, call.deadlineMs)).toEqual(inEachWay(call, call.endsMs));
  });
});

describe('no TLS handshake ends', () => {
  it.each(limitsOf(handshakeCalls))('$what ends with $by', async ({ make, deadlineMs, endsMs, says }) => {
    await using server = await mutePort();
    const { held, url, dropped } = server;
    const [end] = await endings([{ work: make(url, deadlineIn(deadlineMs)), held }]);
    expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
    await dropped;
  });
});

describe('no name is resolved', () => {
  it.each(limitsOf(handshakeCalls))('$what ends with $by', async ({ make, deadlineMs, endsMs, says }) => {
    const asked = Promise.withResolvers<void>();
    // Each client leaves it to Node.js, which looks the function up when it needs it.
    vi.spyOn(dns, 'lookup').mockImplementation(() => asked.resolve());
    const work = make('https://myregistry.invalid', deadlineIn(deadlineMs));
    const [end] = await endings([{ work, held: asked.promise }]);
    expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
    expect(dns.lookup).toHaveBeenCalledTimes(1);
  });
});

describe('no token comes, and nothing heeds a signal', () => {
  it.each(limitsOf(tokenCalls))('$what ends with $by', async (call) => {
    const { make, deadlineMs, endsMs, says, endsRequest } = call;
    const asked = Promise.withResolvers<void>();
    let signal: GetTokenOptions['abortSignal'];
    const getToken: TokenCredential['getToken'] = (_, options) => {
      signal = options?.abortSignal;
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const work = make({ getToken }, deadlineIn(deadlineMs));
    const [end] = await endings([{ work, held: asked.promise }]);
    expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
    if (endsRequest) expect(signal?.aborted).toBe(true);
  });
});

it.each(everyHang)(
  'a request in a pipeline ends by itself where nobody waits for it, when %s',
  async (hang) => {
    await using server = await hangingServer(hang);
    const { url, held, dropped } = server;
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(limitRequests(100));
    const request = createPipelineRequest({ url, allowInsecureConnection: true });
    const work = pipeline.sendRequest(createDefaultHttpClient(), request);
    expect(await endings([{ work, held }])).toEqual([
      { afterMs: 100, outcome: expect.stringMatching(/^TimeoutError/) },
    ]);
    await dropped;
    expect(request.abortSignal).toBeUndefined();
  },
);
