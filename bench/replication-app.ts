import { fileURLToPath } from 'node:url';
import type { Azurite } from '../local/azure/azurite.ts';
import { type LocalAzure, startLocalAzure } from '../local/azure/local-azure.ts';
import type { RegistrySpec } from '../local/azure/registries/control.ts';
import { sampleWebhookSecret } from '../local/azure/sample.ts';
import { type HostProcess, spawnHost } from '../local/host/spawn-host.ts';
import { benchRegistry } from './pushes.ts';

/** The directory of host.json, package.json and the build. */
export const appDirectory = fileURLToPath(new URL('..', import.meta.url));

/** A local Azure with storage and registries. */
export interface BenchAzure extends AsyncDisposable {
  readonly azure: LocalAzure;
  readonly storage: Azurite;
  /** Starts the built app, which the caller has to stop. */
  startApp(options?: AppOptions): Promise<HostProcess>;
}

interface AppOptions {
  /** Whether signals are published, to the topic `evenkeel`. */
  readonly withTopic?: boolean;
  /** Settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Properties beside the usual ones of the registry's entry. */
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly onLine?: (line: string) => void;
}

interface BenchAzureOptions {
  /** The heap of the storage, which is in memory. */
  readonly maxHeapMiB?: number;
  /** One registry in three regions by default. */
  readonly registries?: readonly RegistrySpec[];
}

export async function startBenchAzure({
  maxHeapMiB = 2_048,
  registries = [benchRegistry],
}: BenchAzureOptions = {}): Promise<BenchAzure> {
  const azure = await startLocalAzure({ storage: { maxHeapMiB }, registries });
  const { storage } = azure;
  if (storage === undefined) throw new TypeError('the local Azure was started with storage');
  return {
    azure,
    storage,
    startApp: ({ withTopic = false, settings, entry, onLine } = {}) =>
      spawnHost({
        directory: appDirectory,
        env: {
          ARM_ENDPOINT: azure.armEndpoint,
          AzureWebJobsStorage: storage.connectionString,
          REGISTRIES: JSON.stringify(azure.registries.setting().map((one) => ({ ...one, ...entry }))),
          REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
          SIGNAL_TOPIC__topicEndpointUri: withTopic ? azure.topicEndpoint('evenkeel') : '',
          REVIEW_SCHEDULE: never,
          AUDIT_SCHEDULE: never,
          ...settings,
        },
        ...(onLine && { onLine }),
      }),
    [Symbol.asyncDispose]: () => azure.close(),
  };
}

/** A date that no year has. */
const never = '0 0 0 30 2 *';
