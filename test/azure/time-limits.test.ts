import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signalTopic } from '../../src/azure/event-grid.ts';
import { driftLog } from '../../src/azure/logs-ingestion.ts';
import { registryTokens } from '../../src/azure/registry-endpoint/tokens.ts';
import { deadLetterBlobs, replayNotes } from '../../src/azure/storage/dead-letters.ts';
import { openTable } from '../../src/azure/storage/tables.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { registryOf } from '../registries/registry-of.ts';
import { serveRecorded } from '../support/recording-server.ts';

/** Lets time pass only when a test says so; sockets are real. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const storageAt = (url: string) => ({
  kind: 'connectionString' as const,
  connectionString: `DefaultEndpointsProtocol=http;AccountName=some;AccountKey=${key};BlobEndpoint=${url}/some;TableEndpoint=${url}/some`,
});
const row = {
  ...{ TimeGenerated: '2026-11-21T08:00:00Z', Finding: 'drift', ContainerGroup: 'g', HostName: 'h' },
  ...{ Zone: 'z', LiveAddress: null, RecordAddress: null, EventId: 'e', LagMs: null },
};

type Call = (url: string) => Promise<unknown>;

const calls: readonly (readonly [what: string, limitMs: number, call: Call])[] = [
  [
    'a topic',
    6_000,
    (url) =>
      signalTopic({ url, isInsecure: true }, undefined).publish([
        { id: '1', type: 'evenkeel.registry.replicated', source: 's', subject: 's', data: {} },
      ]),
  ],
  [
    'a table',
    5_000,
    (url) => openTable('Some', storageAt(url), undefined).get('p', 'r', deadlineIn(600_000)),
  ],
  [
    'the drift log',
    10_000,
    (url) =>
      driftLog(
        { endpoint: { url, isInsecure: true }, ruleId: 'dcr-1', stream: 'Custom-Drift' },
        undefined,
        url,
      ).write(row),
  ],
  ['a dead letter', 20_000, (url) => deadLetterBlobs(storageAt(url), undefined, 'letters').read('one')],
  [
    'the mark of a dead letter',
    20_000,
    (url) => deadLetterBlobs(storageAt(url), undefined, 'letters').mark('one', 'now'),
  ],
  ['a note of a replay', 20_000, (url) => replayNotes(storageAt(url), undefined).write('one', 'now')],
];

describe('a call ends by itself when its limit is over, however long its caller would wait:', () => {
  it.each(calls)('%s that never answers', async (_, limitMs, call) => {
    const held = Promise.withResolvers<void>();
    const silent = await serveRecorded(() => {
      held.resolve();
      return new Promise<undefined>(() => {});
    });
    try {
      const outcome = call(silent.url).then(
        () => 'answered',
        (error: unknown) => error,
      );
      let isOver = false;
      void outcome.then(() => (isOver = true));
      await held.promise;
      await vi.advanceTimersByTimeAsync(limitMs - 1);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(await outcome).toBeInstanceOf(Error);
    } finally {
      await silent.close();
    }
  });
});

it('a token of the app’s identity that never comes ends the question that needs it', async () => {
  const asked = Promise.withResolvers<void>();
  const getToken = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const send = () => Promise.reject(new Error('nothing is sent without a token'));
  const tokens = registryTokens({ credential: async () => ({ getToken }), send, now: () => new Date() });
  const authority = {
    exchangeUrl: 'https://myregistry.azurecr.io/oauth2/exchange',
    tokenUrl: 'https://myregistry.azurecr.io/oauth2/token',
    service: 'myregistry.azurecr.io',
  };
  const outcome = tokens
    .renew(registryOf(), 'repository:a:pull', authority, undefined)
    .catch((error: unknown) => error);
  await asked.promise;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(await outcome).toMatchObject({ message: "the app's identity got no token (TimeoutError)" });
});
