import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { limitRequests } from '../../src/azure/arm/client.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { everyHang, type HangingServer, hangingServer, mutePort } from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import {
  handshakeCalls,
  type LimitedCall,
  limitedCalls,
  type TokenCall,
  tokenCalls,
} from './limited-calls.ts';

simulateTime();

const longMs = 3_000_000;
const shortMs = 3_000;

/** Makes the call to a server for each way to hang. */
async function endingsOf(call: LimitedCall, deadlineMs: number) {
  await using servers = new AsyncDisposableStack();
  const hangs = hangsOf(call);
  const all: HangingServer[] = [];
  for (const hang of hangs) all.push(servers.use(await hangingServer(hang, call.before)));
  const found = await endings(
    all.map(({ url, held }) => ({ work: call.make(url, deadlineIn(deadlineMs)), held })),
  );
  // Nor does a connection outlive its call for longer than a limit: it would keep a process from ending.
  const dropped = await endings(all.map(({ dropped: work }) => ({ work })));
  expect(Math.max(...dropped.map(({ afterMs }) => afterMs))).toBeLessThanOrEqual(call.ownMs ?? 0);
  return Object.fromEntries(hangs.map((hang, index) => [hang, found[index]]));
}

const hangsOf = ({ isHead }: LimitedCall) => (isHead ? everyHang.slice(0, 1) : everyHang);

const inEachWay = (call: LimitedCall, afterMs: number) =>
  Object.fromEntries(
    hangsOf(call).map((hang) => [hang, { afterMs, outcome: expect.stringMatching(call.says) }]),
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

describe.each(Object.entries(limitedCalls))(
  'a service of Azure does not answer to its end: %s',
  (_, calls) => {
    it.each(limitsOf(calls))('$what ends with $by', async (call) => {
      expect(await endingsOf(call, call.deadlineMs)).toEqual(inEachWay(call, call.endsMs));
    });
  },
);

describe('no TLS handshake ends', () => {
  it.each(limitsOf(handshakeCalls))('$what ends with $by', async ({ make, deadlineMs, endsMs, says }) => {
    await using server = await mutePort();
    const { held, url } = server;
    // undici gives up the connection itself, within 10 s that are not simulated.
    const [end] = await endings([{ work: make(url, deadlineIn(deadlineMs)), held }]);
    expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
  });
});

describe('no token comes, and nothing heeds a signal', () => {
  it.each(limitsOf(tokenCalls))('$what ends with $by', async ({ make, deadlineMs, endsMs, says }) => {
    const asked = Promise.withResolvers<void>();
    const getToken = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const work = make({ getToken }, deadlineIn(deadlineMs));
    const [end] = await endings([{ work, held: asked.promise }]);
    expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
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
