/** `npm run azure`: the local Azure alone, for a Functions host that somebody else starts. */
import { setTimeout as pause } from 'node:timers/promises';
import { type AzureArguments, parseAzureArguments } from '../arguments.ts';
import { onStopRequest } from '../stop-requests.ts';
import { hostSettings, signalTopicName } from './host-settings.ts';
import { type LocalAzure, startLocalAzure } from './local-azure.ts';
import { subscribeWebhooks } from './registries/subscribe-webhooks.ts';
import { sampleRegistry } from './sample.ts';
import { keepSubscribing, subscribeApp, subscribeRegistryEvents } from './subscribe-app.ts';

const retryMs = 500;
const topic = signalTopicName;

const options = parseAzureArguments(process.argv);
const stopping = new AbortController();
let azure: LocalAzure | undefined;

onStopRequest(() => {
  stopping.abort();
  // Before the start is complete, everything ends with this process.
  if (azure === undefined) process.exit(0);
  azure.close().then(() => process.exit(0), fail);
});

function fail(error: unknown): never {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'EADDRINUSE' && 'port' in error
    ? `port ${error.port} is in use`
    : error.message;
}

function introduce(started: LocalAzure): void {
  const { armEndpoint, dns, storage, registries } = started;
  const settings = {
    ...hostSettings(started),
    AzureWebJobsStorage:
      storage === undefined ? '(no storage here)' : storageSetting(options, storage.connectionString),
  };
  const width = Math.max(...Object.keys(settings).map((name) => name.length)) + 2;
  console.log(`evenkeel azure ready on ${armEndpoint}

Settings of the Functions host, which local.settings.sample.json holds for the default ports:
${Object.entries(settings)
  .map(([name, value]) => `  ${name.padEnd(width)}${value}`)
  .join('\n')}

Try:
  curl ${armEndpoint}/_sim/container-groups -d '{"resourceGroup":"rg-spoke-a","name":"web"}'
  dig @127.0.0.1 -p ${dns.port} web.spoke-a.internal.contoso.com +short
  curl ${armEndpoint}/_sim/registries/push -d '{"repository":"team/app","tag":"v1"}'
  curl -I ${registries.endpoint(sampleRegistry.name, 'westus')}/v2/team/app/manifests/v1

docs/simulator.md says what else there is.`);
}

function storageSetting(
  { blobPort, queuePort, tablePort }: AzureArguments,
  connectionString: string,
): string {
  const isDefault = blobPort === 10_000 && queuePort === 10_001 && tablePort === 10_002;
  return isDefault ? 'UseDevelopmentStorage=true' : connectionString;
}

async function deliverTo(host: string, { eventGrid, registries }: LocalAzure): Promise<void> {
  const { key, functionKey } = options;
  subscribeWebhooks(registries, { host, registry: sampleRegistry.name, key: functionKey });
  const retry = {
    pause: () => pause(retryMs, undefined, { signal: stopping.signal }),
    onRefusal: (reason: string) => console.log(`\nNo events are delivered yet: ${reason}`),
  };
  await keepSubscribing(() => subscribeApp(eventGrid, { host, key, topic }), retry);
  console.log(`\nEvents are delivered to reconcileDns and trackIpDrift on ${host}`);
  // Subscribed apart from the others, so that a host without this function still gets their events.
  const ids = registries.setting().map(({ id }) => id);
  await keepSubscribing(() => subscribeRegistryEvents(eventGrid, { host, key }, ids), retry);
  console.log(`Events and webhooks of the registry are delivered to ${host}`);
}

try {
  const { blobPort, queuePort, tablePort } = options;
  azure = await startLocalAzure({
    port: options.port,
    dataPort: options.dataPort,
    dnsPort: options.dnsPort,
    ...(options.storage ? { storage: { blobPort, queuePort, tablePort } } : {}),
    topics: [topic],
    eventGridBehaviour: { duplicateProbability: options.duplicates, delayMs: [0, options.delay] },
  });
  introduce(azure);
  if (options.deliverTo !== false) await deliverTo(options.deliverTo, azure);
} catch (error) {
  if (!stopping.signal.aborted) fail(error);
}
