import type { TokenCredential } from '@azure/core-auth';
import { type Config, stateConnection } from '../config.ts';
import type { RequeueQueue } from '../dns/ports.ts';
import { once } from '../lib/async.ts';
import type { Endpoint } from '../settings/endpoint.ts';
import { settingValue } from '../settings/setting.ts';
import { needsCredential, type StorageConnection } from '../settings/storage-connection.ts';
import type { ArmAccess } from './arm/client.ts';

/** @param authorityHost the URL at which the cloud's identities sign in. */
type LoadCredential = (authorityHost: string) => Promise<TokenCredential>;

const defaultCredential: LoadCredential = async (authorityHost) => {
  const { azureCredential } = await import('./credential.ts');
  return azureCredential(authorityHost);
};

/**
 * The clients of every Azure service that evenkeel uses, as the settings have them. Each client is created, and its
 * SDK loaded, when it is first requested. A client is `undefined` when the settings name no such service.
 *
 * @throws {SettingError} when a client is requested whose setting is bad.
 */
export function azureClients(config: Config, loadCredential: LoadCredential = defaultCredential) {
  const credential = once(async () => loadCredential(settingValue(config.cloud).authorityHost));
  const credentialFor = async (connection: StorageConnection) =>
    needsCredential(connection) ? credential() : undefined;
  const credentialAt = async ({ isInsecure }: Endpoint) => (isInsecure ? undefined : credential());

  const arm = once(async (): Promise<ArmAccess> => {
    const endpoint = settingValue(config.armEndpoint);
    const audience = settingValue(config.cloud).armAudience;
    return {
      endpoint: endpoint.url,
      audience,
      credential: await credentialAt(endpoint),
      isTraced: config.telemetry.ok && config.telemetry.value !== undefined,
    };
  });
  const containerGroups = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/container-groups.ts'), arm()]);
    return adapters.containerGroupAdapters(access);
  });
  const recordSets = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/record-sets.ts'), arm()]);
    return adapters.recordSetAdapters(access);
  });
  const registries = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/registries.ts'), arm()]);
    return adapters.registryAdapters(access);
  });
  const subscriptions = once(async () => {
    const [{ subscriptionLister }, access] = await Promise.all([import('./arm/subscriptions.ts'), arm()]);
    return subscriptionLister(access);
  });

  const queue = once(async (): Promise<RequeueQueue | undefined> => {
    if (config.deferral === undefined) return undefined;
    const connection = settingValue(config.deferral.connection);
    const { requeueQueue } = await import('./storage/queues.ts');
    return requeueQueue(connection, await credentialFor(connection));
  });
  // An invocation that requeues nothing does not load the SDK of the queue.
  const requeueQueue: RequeueQueue | undefined = config.deferral && {
    requeue: async (message, delayMs) => (await queue())?.requeue(message, delayMs),
  };
  const auditReports = once(async () => {
    if (config.reports === undefined) return undefined;
    const connection = settingValue(config.reports.connection);
    const { reportBlob } = await import('./storage/blobs.ts');
    return reportBlob(connection, await credentialFor(connection));
  });
  const table = async (name: string, connection: StorageConnection) => {
    const { openTable } = await import('./storage/tables.ts');
    return openTable(name, connection, await credentialFor(connection));
  };
  const journalStore = once(async () => {
    if (config.state === undefined) return undefined;
    const connection = settingValue(config.state.connection);
    const { journalTable, journalTableName } = await import('./storage/journal.ts');
    return journalTable(await table(journalTableName, connection), () => new Date());
  });
  const stateSetting = () => settingValue(stateConnection(config));
  const reviewStates = once(async () => {
    const connection = stateSetting();
    const { reviewTable, reviewTableName } = await import('./storage/reviews.ts');
    return reviewTable(await table(reviewTableName, connection));
  });
  const memberships = once(async () => {
    const connection = stateSetting();
    const [{ membershipsTable }, { reviewTableName }] = await Promise.all([
      import('./storage/memberships.ts'),
      import('./storage/reviews.ts'),
    ]);
    return membershipsTable(await table(reviewTableName, connection));
  });
  const loginServers = once(async () => {
    const connection = stateSetting();
    const [{ loginServerTable }, { reviewTableName }] = await Promise.all([
      import('./storage/login-servers.ts'),
      import('./storage/reviews.ts'),
    ]);
    return loginServerTable(await table(reviewTableName, connection));
  });
  const newestImages = once(async () => {
    const connection = stateSetting();
    const [{ newestImageTable }, { reviewTableName }] = await Promise.all([
      import('./storage/newest-images.ts'),
      import('./storage/reviews.ts'),
    ]);
    return newestImageTable(await table(reviewTableName, connection));
  });
  const ledger = once(async () => {
    const connection = stateSetting();
    const { ledgerTables } = await import('./storage/ledger.ts');
    return ledgerTables(connection, await credentialFor(connection));
  });

  const signalTopic = once(async () => {
    const endpoint = settingValue(config.signalTopic);
    if (endpoint === undefined) return undefined;
    const { signalTopic } = await import('./event-grid.ts');
    return signalTopic(endpoint, await credentialAt(endpoint));
  });
  const driftLog = once(async () => {
    const target = settingValue(config.logsIngestion);
    if (target === undefined) return undefined;
    const { driftLog } = await import('./logs-ingestion.ts');
    return driftLog(target, await credentialAt(target.endpoint), settingValue(config.cloud).monitorAudience);
  });

  return {
    credential,
    credentialFor,
    arm,
    containerGroups,
    recordSets,
    registries,
    subscriptions,
    requeueQueue,
    auditReports,
    journalStore,
    reviewStates,
    memberships,
    loginServers,
    newestImages,
    ledger,
    signalTopic,
    driftLog,
  };
}

export type AzureClients = ReturnType<typeof azureClients>;
