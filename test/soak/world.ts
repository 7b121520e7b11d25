import { fileURLToPath } from 'node:url';
import { type LocalAzure, startLocalAzure } from '../../local/azure/local-azure.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry, sampleWebhookSecret, sampleZoneMap } from '../../local/azure/sample.ts';
import { subscribeApp } from '../../local/azure/subscribe-app.ts';
import { type HostProcess, spawnHost } from '../../local/host/spawn-host.ts';
import { inspectable, inspectorLine } from './heap.ts';
import { type Relay, startRelay } from './relay.ts';

export const registry = sampleRegistry.name;
export const regions = [sampleRegistry.home, ...sampleRegistry.replicas];
export const topic = 'evenkeel';

const directory = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Two instances of the built app over one local Azure, behind one address as in Azure. The first is never killed, so
 * that its memory can be watched; the second is.
 */
export interface SoakWorld {
  readonly azure: LocalAzure;
  /** Base URL of the app. */
  readonly url: string;
  /** Between the app and its tables. */
  readonly tables: Relay;
  readonly steady: HostProcess;
  /** Where the garbage of the first is collected. */
  readonly steadyInspector: string;
  /** How many hosts were started. */
  readonly starts: number;
  /** What the hosts printed that no run may print: lines about errors that nobody caught. */
  readonly alarms: readonly string[];
  /** Kills the second instance, and starts another. */
  killAndRestart(): Promise<void>;
  close(): Promise<void>;
}

/** Timers of both run, at other seconds: two instances may overlap. */
const schedules = [
  { AUDIT_SCHEDULE: '0,15,30,45 * * * * *', REVIEW_SCHEDULE: '*/5 * * * * *' },
  { AUDIT_SCHEDULE: '7,37 * * * * *', REVIEW_SCHEDULE: '3,13,23,33,43,53 * * * * *' },
] as const;

/** @param retentionMs how long finished images are kept. */
export async function startWorld(seed: number, retentionMs: number): Promise<SoakWorld> {
  await using started = new AsyncDisposableStack();
  const azure = await startLocalAzure({
    storage: { maxHeapMiB: 2_048 },
    eventGridBehaviour: { duplicateProbability: 0.1, delayMs: [0, 300] },
    eventGridSeed: seed,
    registryBehaviour: {
      copyDelayMs: [200, 1_500],
      webhookDelayMs: [0, 300],
      webhookDuplicateProbability: 0.1,
    },
    registrySeed: seed,
  });
  started.defer(() => azure.close());
  const { storage } = azure;
  if (storage === undefined) throw new TypeError('the local Azure was started with storage');

  const tableUrl = new URL(storage.endpoints.table);
  const tables = await startRelay(() => [Number(tableUrl.port)]);
  started.defer(() => tables.close());
  const alarms: string[] = [];
  let inspector = '';
  let starts = 0;
  const start = (index: 0 | 1) => {
    starts += 1;
    return spawnHost({
      directory,
      env: {
        ARM_ENDPOINT: azure.armEndpoint,
        DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
        REGISTRIES: JSON.stringify(
          azure.registries.setting().map((entry) => ({ ...entry, replicationSlo: 'PT10S' })),
        ),
        REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
        LEDGER_RETENTION: `PT${Math.round(retentionMs / 1000)}S`,
        AzureWebJobsStorage: storage.connectionString,
        STATE: storage.connectionString.replace(`:${tableUrl.port}/`, `:${tables.port}/`),
        SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint(topic),
        ...schedules[index],
        ...(index === 0 && { NODE_OPTIONS: inspectable }),
      },
      onLine: (line) => {
        inspector ||= inspectorLine.exec(line)?.[1] ?? '';
        if (/uncaught|unhandled/i.test(line)) alarms.push(line);
      },
    });
  };
  const steady = await start(0);
  started.defer(async () => void (await steady.stop()));
  let mortal = await start(1);
  started.defer(async () => void (await mortal.stop()));
  steady.exited.then(() => alarms.push('the instance that is never killed ended'));

  const portOf = ({ url }: HostProcess) => Number(new URL(url).port);
  let ports = [portOf(steady), portOf(mortal)];
  const front = await startRelay(() => ports);
  started.defer(() => front.close());
  const url = `http://127.0.0.1:${front.port}`;
  await subscribeApp(azure.eventGrid, { host: url, topic, registryEvents: [azure.registries.id(registry)] });
  subscribeWebhooks(azure.registries, { host: url, registry });

  const toClose = started.move();
  let isClosing = false;
  return {
    azure,
    url,
    tables,
    steady,
    steadyInspector: inspector,
    get starts() {
      return starts;
    },
    get alarms() {
      return isClosing ? [] : alarms;
    },
    async killAndRestart() {
      // The front does not notice at once: who is led to a dead instance gets no answer.
      await mortal.kill();
      ports = [portOf(steady), portOf(mortal), portOf(steady)];
      mortal = await start(1);
      ports = [portOf(steady), portOf(mortal)];
    },
    close: async () => {
      isClosing = true;
      await toClose.disposeAsync();
    },
  };
}
