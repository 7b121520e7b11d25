import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { azureClients } from '../../../azure/clients.ts';
import type { Connectivity, StorageConnectivity } from '../../../azure/connectivity.ts';
import type { Config } from '../../../config.ts';
import type { RecordSetReader, RecordSetWriter } from '../../../dns/ports.ts';
import { once } from '../../../lib/async.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import type { EndpointProber, RegistryReader } from '../../../registries/ports.ts';
import type { Registry } from '../../../registries/registry.ts';
import type { Endpoint } from '../../../settings/endpoint.ts';
import { type Environment, settingValue } from '../../../settings/setting.ts';
import { needsCredential } from '../../../settings/storage-connection.ts';
import type { SignalPublisher } from '../../../signals/signal.ts';
import { type AppAccess, fetchStatus } from '../../app-client.ts';
import { azureClientsOf, signIn } from '../../azure.ts';
import type { CliContext } from '../../context.ts';
import { readStatus, type StatusAnswer } from '../status/document.ts';
import type { AppIdentity } from './app-identity.ts';
import { findPlaces, type Places } from './places.ts';

/** Everything that checks read from. What several of them need is read once. */
export interface CheckContext extends Installation {
  readonly interrupted: AbortSignal;
  /** Why nobody is signed in to Azure; `undefined` where somebody is, or where no check needed it. */
  readonly signInFailure: () => Promise<unknown>;
  readonly now: () => Date;
  readonly status: () => Promise<StatusReading>;
  readonly arm: () => Promise<ArmReader>;
  /** The resource groups of the zone map. @throws {SettingError} when the zone map is bad. */
  readonly places: () => Promise<Places>;
  /** ARM id of the custom topic; `undefined` when no visible topic has its endpoint. */
  readonly signalTopicId: () => Promise<string | undefined>;
  readonly registries: () => Promise<RegistryReader>;
  readonly prober: () => Promise<EndpointProber>;
  readonly storageConnectivity: StorageConnectivity;
  readonly topicConnectivity: (topic: Endpoint) => Promise<Connectivity>;
  /** The only ports that write. They are for the check that sends a test event on request. */
  readonly eventPath: () => Promise<EventPathPorts>;
}

/** The installation to check, as the command line names it. */
interface Installation {
  readonly config: Config;
  readonly settings: Environment;
  readonly app: AppAccess & AppIdentity;
  /** Object id of the app's identity. */
  readonly principal: string | undefined;
  readonly deadline: Deadline;
}

/** What the app reported about itself, or why it did not. */
export type StatusReading =
  | {
      readonly kind: 'answered';
      readonly status: StatusAnswer;
      readonly askedAt: Date;
      readonly answeredAt: Date;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface EventPathPorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  readonly signals: SignalPublisher;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Each part is created, and its SDK loaded, when a check first asks for it. */
export function createCheckContext(installation: Installation, context: CliContext): CheckContext {
  const { config, app, deadline } = installation;
  const { clock, interrupted } = context;
  const azure = azureClientsOf(config);
  let attempt: Promise<void> | undefined;
  // Once, also where it fails: a chain of credentials may take many seconds to find nothing.
  const signedIn = () => {
    attempt ??= signIn(azure, deadline);
    return attempt;
  };
  const arm = once(async () => {
    await signedIn();
    const [{ armReader }, access] = await Promise.all([
      import('../../../azure/arm/resources.ts'),
      azure.arm(),
    ]);
    return armReader(access);
  });
  const places = once(async () => {
    await signedIn();
    const [{ subscriptionLister }, access] = await Promise.all([
      import('../../../azure/arm/subscriptions.ts'),
      azure.arm(),
    ]);
    return findPlaces(config, subscriptionLister(access), await arm(), deadline);
  });
  const topicCredential = async (topic: Endpoint) => {
    if (topic.isInsecure) return undefined;
    await signedIn();
    return azure.credential();
  };

  return {
    ...installation,
    interrupted,
    signInFailure: async () =>
      attempt?.then(
        () => undefined,
        (error: unknown) => error,
      ),
    now: clock.now,
    arm,
    places,
    status: once(() => readStatusOf(app, context)),
    signalTopicId: once(async () => {
      const topic = settingValue(config.signalTopic);
      if (topic === undefined) return undefined;
      const { subscriptions } = config.zoneMap.ok ? await places() : { subscriptions: [] };
      const all = [...subscriptions, ...subscriptionsIn(config, app)];
      return findTopic(topic.url, [...new Set(all)], await arm(), deadline);
    }),
    registries: async () => {
      await signedIn();
      return (await azure.registries()).reader;
    },
    prober: once(() => createProber(azure, clock.now)),
    async storageConnectivity(service, connection) {
      if (needsCredential(connection)) await signedIn();
      const adapters = await import('../../../azure/connectivity.ts');
      return adapters.storageConnectivity(azure.credential)(service, connection);
    },
    async topicConnectivity(topic) {
      const adapters = await import('../../../azure/connectivity.ts');
      return adapters.topicConnectivity(topic, await topicCredential(topic));
    },
    async eventPath() {
      const topic = settingValue(config.signalTopic);
      if (topic === undefined) throw new Error('there is no signal topic');
      const [{ reader, writer }, { signalTopic }] = await Promise.all([
        azure.recordSets(),
        import('../../../azure/event-grid.ts'),
      ]);
      const signals = signalTopic(topic, await topicCredential(topic));
      return { recordSets: { ...reader, ...writer }, signals, sleep: clock.sleep };
    },
  };
}

async function readStatusOf(app: AppAccess, context: CliContext): Promise<StatusReading> {
  const { clock, interrupted } = context;
  const askedAt = clock.now();
  try {
    const { status } = await fetchStatus(context, app, readStatus);
    return { kind: 'answered', status, askedAt, answeredAt: clock.now() };
  } catch (error) {
    interrupted.throwIfAborted();
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function createProber(azure: ReturnType<typeof azureClients>, now: () => Date) {
  const { regionalEndpoints } = await import('../../../azure/registry-endpoint/endpoint.ts');
  const { reader } = await azure.registries();
  const read = (registry: Registry, deadline: Deadline) =>
    reader.read(registry, deadline).catch(() => undefined);
  return regionalEndpoints({
    loginServerOf: async (registry, deadline) => (await read(registry, deadline))?.loginServer,
    roleAssignmentModeOf: async (registry, deadline) =>
      (await read(registry, deadline))?.roleAssignmentMode ?? 'unknown',
    credential: azure.credential,
    now,
  });
}

/** The subscriptions of the registries and of the app, in lower case. */
function subscriptionsIn({ registries }: Config, { appId }: AppIdentity): string[] {
  const configured = registries.ok ? registries.value.all : [];
  const ids = configured.map(({ subscriptionId }) => subscriptionId);
  const [, , own] = appId?.split('/') ?? [];
  return [...ids, ...(own === undefined ? [] : [own])].map((id) => id.toLowerCase());
}

const topicSchema = v.object({ id: v.string(), properties: v.object({ endpoint: v.string() }) });

/** @returns the ARM id of the custom topic with that endpoint. */
async function findTopic(
  url: string,
  subscriptions: readonly string[],
  arm: ArmReader,
  deadline: Deadline,
): Promise<string | undefined> {
  const lists = await Promise.all(
    subscriptions.map((id) =>
      arm.list(`/subscriptions/${id}/providers/Microsoft.EventGrid/topics`, '2025-02-15', deadline),
    ),
  );
  for (const value of lists.flat()) {
    const topic = v.safeParse(topicSchema, value);
    if (topic.success && normalUrl(topic.output.properties.endpoint) === normalUrl(url))
      return topic.output.id;
  }
  return undefined;
}

const normalUrl = (url: string): string => url.toLowerCase().replace(/\/$/, '');
