/** `npm start`: the local Azure, the local host with the built app, and a story that shows them at work. */
import { fileURLToPath } from 'node:url';
import { parseStartArguments, type StartArguments } from './arguments.ts';
import { type LocalAzure, startLocalAzure } from './azure/local-azure.ts';
import { subscribeWebhooks } from './azure/registries/subscribe-webhooks.ts';
import { sampleRegistry, sampleWebhookSecret, sampleZoneMap } from './azure/sample.ts';
import { subscribeApp } from './azure/subscribe-app.ts';
import { type HostProcess, spawnHost } from './host/spawn-host.ts';
import { App } from './scenario/app.ts';
import { DnsStory } from './scenario/dns-story.ts';
import { ImageStory } from './scenario/image-story.ts';
import { Narrator } from './scenario/narrator.ts';
import { ReconciliationLog } from './scenario/reconciliation-log.ts';
import { RehearsalStory } from './scenario/rehearsal-story.ts';
import { ReplicaStory } from './scenario/replica-story.ts';
import { nameService } from './scenario/resolver.ts';
import { onNpmGone } from './stop-requests.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const topic = 'evenkeel';
const registry = sampleRegistry.name;
/** An objective short enough for a story. */
const slo = { text: 'PT2S', ms: 2_000 };
/** Reviews close enough together for a story. Otherwise a flag takes minutes, as it should. */
const reviews = { schedule: '*/2 * * * * *', intervalMs: 2_000, rule: { raise: '2/3', clear: 3 } };

/** Resolves with the exit code when everything that it started has ended. */
async function run(options: StartArguments, narrator: Narrator, interrupted: Promise<void>): Promise<number> {
  await using started = new AsyncDisposableStack();
  const azure = await narrator.wait('starting the local Azure', startAzure(options));
  started.defer(() => azure.close());
  const log = new ReconciliationLog();
  const host = await narrator.wait('starting the Functions host', startHost(options, azure, log));
  started.defer(async () => void (await host.stop()));
  await subscribeApp(azure.eventGrid, { host: host.url, topic });
  subscribeWebhooks(azure.registries, { host: host.url, registry });

  narrator.title('evenkeel, live on this machine', [
    ['Azure, simulated', azure.armEndpoint],
    ['DNS of its zones', `127.0.0.1 port ${azure.dns.port}`],
    ['Functions host', host.url],
    ['Status page', `${host.url}/api/dashboard`],
  ]);
  const stories = storiesOf(azure, new App(host.url), narrator, log);
  const isOver = await Promise.race([play(stories, narrator), interrupted.then(() => false)]);
  if (!isOver) return 0;
  const isRight = await verify(stories, narrator);
  if (options.once) return isRight ? 0 : 1;

  const example = stories.dns.example();
  if (example !== undefined) suggest(example, azure, host.url, narrator);
  console.log();
  log.listener = (name, result, changes) => narrator.note([`${name}: ${result}`, ...changes].join('\n     '));
  await interrupted;
  return 0;
}

const startAzure = (options: StartArguments): Promise<LocalAzure> =>
  startLocalAzure({
    port: options.azurePort,
    dnsPort: options.dnsPort,
    storage: {},
    eventGridBehaviour: { duplicateProbability: 0.3, delayMs: [20, 200] },
  });

function startHost(options: StartArguments, azure: LocalAzure, log: ReconciliationLog): Promise<HostProcess> {
  const registries = azure.registries
    .setting()
    .map((entry) => ({ ...entry, replicationSlo: slo.text, review: reviews.rule }));
  return spawnHost({
    directory: repository,
    port: options.port,
    env: {
      ARM_ENDPOINT: azure.armEndpoint,
      DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
      REGISTRIES: JSON.stringify(registries),
      REVIEW_SCHEDULE: reviews.schedule,
      REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
      AzureWebJobsStorage: azure.storage?.connectionString ?? '',
      SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint(topic),
    },
    onLine: (line) => log.take(line),
  });
}

interface Stories {
  readonly dns: DnsStory;
  readonly images: ImageStory;
  readonly replicas: ReplicaStory;
  readonly rehearsal: RehearsalStory;
}

function storiesOf(azure: LocalAzure, app: App, narrator: Narrator, log: ReconciliationLog): Stories {
  const names = nameService(azure.dns.port);
  const stage = { azure, narrator, app, registry, topic };
  return {
    dns: new DnsStory({ azure, narrator, log, names, fireAudit: () => app.fire('auditDns') }),
    images: new ImageStory({ ...stage, sloMs: slo.ms }),
    replicas: new ReplicaStory({ ...stage, reviewIntervalMs: reviews.intervalMs }),
    rehearsal: new RehearsalStory({ ...stage, reviewIntervalMs: reviews.intervalMs }),
  };
}

async function play({ dns, images, replicas, rehearsal }: Stories, narrator: Narrator): Promise<true> {
  narrator.chapter('DNS follows containers');
  await dns.play();
  narrator.chapter('Is the image everywhere?');
  await images.play();
  narrator.chapter('Should a replica be out of global routing?');
  await replicas.play();
  await rehearsal.play();
  return true;
}

/** Prints what the stories left behind, and returns whether all of it is right. */
async function verify({ dns, images, replicas, rehearsal }: Stories, narrator: Narrator): Promise<boolean> {
  console.log();
  const wrong = [
    ...(await dns.verify()),
    ...(await images.verify()),
    ...(await replicas.verify()),
    ...(await rehearsal.verify()),
  ];
  for (const sentence of wrong) narrator.bad(sentence);
  if (wrong.length > 0) return false;
  narrator.good('Every name and every address is right, asked over DNS.');
  narrator.good('Every image is in every region, and was signalled once.');
  narrator.good('Every replica is healthy; its flag was raised once, and cleared once.');
  narrator.good('The rehearsal was held to every interlock, and is over.');
  return true;
}

/** Prints commands to try while everything stays up. */
function suggest(
  example: { readonly host: string; readonly address: string },
  { armEndpoint, dns, containerGroups }: LocalAzure,
  host: string,
  narrator: Narrator,
): void {
  const web = `${armEndpoint}${containerGroups.id('rg-spoke-a', 'web')}`;
  const sim = `${armEndpoint}/_sim/registries`;
  narrator.title('It stays up until Ctrl-C. To try:', [
    ['forward', `dig @127.0.0.1 -p ${dns.port} ${example.host} +short`],
    ['reverse', `dig @127.0.0.1 -p ${dns.port} -x ${example.address} +short`],
    ['restart web', `curl -X POST '${web}/restart?api-version=2023-05-01'`],
    ['push an image', `curl ${sim}/push -d '{"registry":"${registry}","repository":"team/app","tag":"v4"}'`],
    ['wait for it', `npx evenkeel wait ${registry}/team/app:v4 --app ${host}`],
    ['break a replica', `curl ${sim}/degrade -d '{"region":"westus","status":503}'`],
    ['see its flag', `npx evenkeel flags --app ${host}`],
    ['what if it left', `npx evenkeel flags --what-if westus --app ${host}`],
    ['repair it', `curl ${sim}/restore -d '{"region":"westus"}'`],
  ]);
}

const interruption = Promise.withResolvers<void>();
process.on('SIGINT', () => interruption.resolve());
process.on('SIGTERM', () => interruption.resolve());
onNpmGone(() => interruption.resolve());
const narrator = new Narrator();
let exitCode = 1;
try {
  exitCode = await run(parseStartArguments(process.argv), narrator, interruption.promise);
} catch (error) {
  narrator.bad(error instanceof Error ? error.message : String(error));
}
// An interrupted story may still wait for an answer that will not come.
process.exit(exitCode);
