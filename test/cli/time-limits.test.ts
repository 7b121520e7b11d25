import { readdirSync } from 'node:fs';
import { DefaultAzureCredential } from '@azure/identity';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { replayDeadLetters } from '../../src/cli/commands/replay/send-again.ts';
import { sendHttpRequest } from '../../src/cli/http-request.ts';
import { registryOf } from '../registries/registry-of.ts';
import { connecting, fullPort } from '../support/full-port.ts';
import {
  type Answer,
  everyHang,
  type HangingServer,
  hangingServer,
  mutePort,
} from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import { type Command, noAnswer, ofAzure, ofTheApp, ofTheDirectory, status } from './limited-commands.ts';
import { runCommand } from './run-command.ts';

simulateTime();
/** Commands load them when they need them, which takes real time. */
beforeAll(() =>
  Promise.all([
    import('../../src/azure/arm/registries.ts'),
    import('../../src/azure/arm/resources.ts'),
    import('../../src/azure/arm/subscriptions.ts'),
    import('../../src/azure/connectivity.ts'),
    import('../../src/azure/registry-endpoint/endpoint.ts'),
    import('@azure/data-tables'),
    import('@azure/storage-blob'),
    import('@azure/storage-queue'),
  ]),
);

const clock = {
  now: () => new Date(),
  sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
};
const DNS_ZONE_MAP = JSON.stringify(sampleZoneMap);

/** Everything that a command may ask is at the URL. */
const everythingAt = (url: string) => ({
  DNS_ZONE_MAP,
  EVENKEEL_APP: url,
  ARM_ENDPOINT: url,
  EVENKEEL_LOGS_QUERY_ENDPOINT: url,
  SIGNAL_TOPIC__topicEndpointUri: url,
  REGISTRIES: JSON.stringify([{ id: registryOf().id, endpoints: { westus: url } }]),
  AzureWebJobsStorage: [
    'DefaultEndpointsProtocol=http;AccountName=account',
    `AccountKey=${Buffer.from('no secret').toString('base64')}`,
    ...['Table', 'Blob', 'Queue'].map((service) => `${service}Endpoint=${url}/account`),
  ].join(';'),
});

async function run({ args }: Command, env: Readonly<Record<string, string>>) {
  const { exitCode, stdout, stderr } = await runCommand(args, { clock, env });
  return `exit ${exitCode}: ${stdout}${stderr}`;
}

/** With the command as somebody types it. */
const named = (commands: readonly Command[]) =>
  commands.map((command) => ({ ...command, typed: command.args.join(' ') }));

const ends = ({ afterMs, says }: Command) => ({ afterMs, outcome: expect.stringMatching(says) });

/** What asks nobody. */
const askNobody = ['completion', 'names'];

it('every command has a row, or asks nobody', () => {
  const commands = readdirSync(new URL('../../src/cli/commands', import.meta.url));
  const withRows = [...ofTheApp, ...ofAzure].map(({ args: [name = ''] }) => name);
  expect([...new Set([...withRows, ...askNobody])].sort()).toEqual(commands.sort());
});

describe.each([
  ['the app', ofTheApp],
  ['Azure', ofAzure],
])('where %s does not answer to the end', (_, commands) => {
  it.each(named(commands))('evenkeel $typed ends after $afterMs ms', async (command) => {
    await using servers = new AsyncDisposableStack();
    const all: HangingServer[] = [];
    for (const hang of everyHang) all.push(servers.use(await hangingServer(hang, command.before)));
    const found = await endings(
      all.map(({ url, held }) => ({ work: run(command, everythingAt(url)), held })),
    );
    expect(found).toEqual(everyHang.map(() => ends(command)));
    // What is left of it would keep the process from ending.
    const dropped = await endings(all.map(({ dropped: work }) => ({ work })));
    expect(dropped.map(({ outcome }) => outcome)).toEqual(everyHang.map(() => 'nothing'));
  });
});

describe('where no token comes', () => {
  it.each(named(ofTheDirectory))('evenkeel $typed ends after $afterMs ms', async (command) => {
    const asked = Promise.withResolvers<void>();
    vi.spyOn(DefaultAzureCredential.prototype, 'getToken').mockImplementation(() => {
      asked.resolve();
      return new Promise<never>(() => {});
    });
    const work = run(command, { DNS_ZONE_MAP });
    expect(await endings([{ work, held: asked.promise }])).toEqual([ends(command)]);
  });
});

it('where a sweep that began is never told of, evenkeel audit --now ends after its time', async () => {
  const begun = Promise.withResolvers<void>();
  let hasBegun = false;
  const before: Answer = ({ method }) => {
    if (method === 'GET') return hasBegun ? undefined : status;
    hasBegun = true;
    begun.resolve();
    return { status: 202, body: '' };
  };
  await using server = await hangingServer('the head is sent, and the body withheld', before);
  const says = /✖ no sweep has ended within 11m 00s: look at the log of auditDns, and run evenkeel status\n$/;
  // Each question may take 30 s, and the last one begins shortly before the end.
  const command = { args: ['audit', '--now'], afterMs: 672_000, says };
  const work = run(command, { EVENKEEL_APP: server.url });
  expect(await endings([{ work, held: begun.promise }])).toEqual([ends(command)]);
});

it('where no TLS handshake ends, evenkeel status ends after 30 s', async () => {
  await using server = await mutePort();
  const { held, url, dropped } = server;
  const command = { args: ['status'], afterMs: 30_000, says: noAnswer(30) };
  expect(await endings([{ work: run(command, { EVENKEEL_APP: url }), held }])).toEqual([ends(command)]);
  await dropped;
});

it('where no connection is accepted, evenkeel status ends after 30 s', async () => {
  await using full = await fullPort();
  const before = connecting();
  const command = { args: ['status'], afterMs: 30_000, says: noAnswer(30) };
  expect(await endings([{ work: run(command, { EVENKEEL_APP: full.url }) }])).toEqual([ends(command)]);
  expect(connecting()).toBeLessThanOrEqual(before);
});

it.each(everyHang)('an event that is sent again ends after 40 s, when %s', async (hang) => {
  await using server = await hangingServer(hang);
  const { held, url } = server;
  const deadLetter = { event: {}, isCloudEvent: true, type: 't', subject: 's', reason: 'r', outcome: 'o' };
  const mark = vi.fn();
  const work = replayDeadLetters(
    [
      {
        source: { kind: 'deadLetter', blob: 'one' },
        ...{ functionName: 'reconcileDns', reason: 'r', detail: 'd', subjects: [], failedAt: new Date() },
        ...{ replayedAt: undefined, deadLetters: [{ ...deadLetter, publishedAt: undefined }] },
      },
    ],
    { list: async function* () {}, read: async () => undefined, mark },
    { url, key: undefined },
    {
      ...{
        stdin: { readLine: async () => undefined },
        stdout: { write: () => {} },
        stderr: { write: () => {} },
      },
      ...{ env: {}, send: sendHttpRequest, readFile: async () => '', isVerbose: false, clock },
      cache: { read: async () => undefined, write: async () => {} },
      interrupted: new AbortController().signal,
    },
  );
  expect(await endings([{ work, held }])).toEqual([
    { afterMs: 40_000, outcome: expect.stringContaining('the app did not answer within 40 s') },
  ]);
  expect(mark).not.toHaveBeenCalled();
});
