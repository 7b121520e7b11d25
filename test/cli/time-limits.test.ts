import { DefaultAzureCredential } from '@azure/identity';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { evenStatus } from '../../scripts/status-page/sample-status.ts';
import { replayDeadLetters } from '../../src/cli/commands/replay/send-again.ts';
import { sendHttpRequest } from '../../src/cli/http-request.ts';
import { registryOf } from '../registries/registry-of.ts';
import {
  type Answer,
  everyHang,
  type HangingServer,
  hangingServer,
  mutePort,
} from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
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

/** A command that asks somebody who does not answer to the end. */
interface Command {
  readonly args: readonly string[];
  readonly afterMs: number;
  /** What it then prints, after its exit code. */
  readonly says: RegExp;
  /** What is answered before something hangs. */
  readonly before?: Answer;
}

const image = 'myregistry.azurecr.io/team/app:v1';
const group =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web';
const workspace = '00000000-0000-0000-0000-00000000000a';
const history = ['history', 'web.spoke-a.internal.contoso.com', '--workspace', workspace];
const rehearse = ['rehearse', 'myregistry', 'westus'];

const status = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(evenStatus) };
/** The status comes, and what the command then asks for does not. */
const untilPost: Answer = ({ method }) => (method === 'GET' ? status : undefined);
const noAnswer = (seconds: number) =>
  new RegExp(`^exit 1: ✖ the app did not answer within ${seconds} s: try again, and look at its log\n$`);

const ofTheApp: readonly Command[] = [
  ...[['status'], ['report'], ['images'], ['images', image], ['flags'], ['audit', '--now']].map(
    (args): Command => ({ args, afterMs: 30_000, says: noAnswer(30) }),
  ),
  { args: ['audit', '--now'], afterMs: 30_000, says: noAnswer(30), before: untilPost },
  { args: ['flags', '--what-if', 'eastus'], afterMs: 40_000, says: noAnswer(40), before: untilPost },
  {
    ...{ args: [...rehearse, '--for', '10m', '--reason', 'test', '--yes'], afterMs: 40_000 },
    says: noAnswer(40),
  },
  { args: [...rehearse, '--end'], afterMs: 40_000, says: noAnswer(40) },
  {
    ...{ args: ['wait', image, '--timeout', '10s'], afterMs: 30_000 },
    says: /✖ no answer from evenkeel within 10s: the app did not answer within 30 s: try again, and look at its log\n$/,
  },
];

const armSays = /^exit 1: .*(read|list) .+ on .+ no answer in time\n/s;
const ofAzure: readonly Command[] = [
  { args: ['plan', group], afterMs: 8_000, says: armSays },
  { args: ['reconcile', group, '--yes'], afterMs: 8_000, says: armSays },
  { args: ['groups'], afterMs: 8_000, says: armSays },
  { args: ['audit'], afterMs: 8_000, says: armSays },
  { args: ['prune', '--yes'], afterMs: 8_000, says: armSays },
  { args: history, afterMs: 60_000, says: /✖ query logs on the workspace .+: no answer in time\n$/ },
  {
    args: ['replay'],
    afterMs: 20_000,
    says: /✖ (list the dead letters|look at the poison queue) on http.+: no answer in time; check/,
  },
  // The checks run at the same time; two of them ask the app first.
  {
    args: ['doctor'],
    afterMs: 38_000,
    says: /cannot be reached: no answer in time.+ \d+ checks could not run\n$/s,
  },
];

const ofTheDirectory: readonly Command[] = [
  [['plan', group], 60_000] as const,
  [['reconcile', group, '--yes'], 60_000] as const,
  [['groups'], 300_000] as const,
  [['audit'], 540_000] as const,
  [['prune', '--yes'], 540_000] as const,
  [history, 90_000] as const,
  [['doctor', '--app', 'http://127.0.0.1:1'], 180_000] as const,
].map(([args, afterMs]) => ({
  ...{ args, afterMs },
  says: /✖ Not signed in to Azure \(no token came in time\): run az login,/,
}));

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
