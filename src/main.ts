/**
 * The composition root: settings, clients, jobs, triggers.
 *
 * Nothing heavy is imported here. Each function loads the adapters that it needs, and with them their SDKs,
 * when it runs for the first time.
 */
import { randomUUID } from 'node:crypto';
import packageJson from '../package.json' with { type: 'json' };
import { azureClients } from './azure/clients.ts';
import { configErrors, parseConfig, scheduleErrors } from './config.ts';
import { coalescedReads } from './dns/coalesced-reads.ts';
import { createRateLimiter } from './dns/rate-limiter.ts';
import type { ReconcileReportPorts } from './dns/report.ts';
import { bindAuditDns } from './functions/audit-dns.ts';
import { answerReplication, bindGetReplication } from './functions/get-replication.ts';
import { bindGetStatus, readStatus, type StatusPorts } from './functions/get-status.ts';
import { bindReceiveRegistryEvent } from './functions/receive-registry-event.ts';
import { bindReceiveRegistryWebhook } from './functions/receive-registry-webhook.ts';
import { bindReconcileDns } from './functions/reconcile-dns.ts';
import { bindRehearseReplica } from './functions/rehearse-replica.ts';
import { bindResumeDns } from './functions/resume-dns.ts';
import { bindReviewReplicas, reviewRules } from './functions/review-replicas.ts';
import { bindStatusPage } from './functions/status-page.ts';
import { bindTrackIpDrift } from './functions/track-ip-drift.ts';
import { once } from './lib/async.ts';
import type { Clock } from './lib/clock.ts';
import { replicaDirectory } from './registries/directory.ts';
import { registryFinder } from './registries/finder.ts';
import { registryNameOf } from './registries/host.ts';
import { loginServers } from './registries/login-servers.ts';
import type { RegistryHearsay } from './registries/ports.ts';
import { reportCopyTimes } from './replication/copy-time-report.ts';
import { imageChanges } from './replication/image-changes.ts';
import { newestReplicated } from './replication/newest-images.ts';
import { listOpenImages } from './replication/open-images.ts';
import { logOnlyOutbox, topicOutbox } from './replication/outbox.ts';
import type { ImagePorts } from './replication/ports.ts';
import { pullMemory } from './replication/pull-check.ts';
import { recorder } from './replication/record.ts';
import { imageStore } from './replication/store.ts';
import type { ReviewPorts } from './routing/ports.ts';
import { settingValue } from './settings/setting.ts';
import type { SignalPublisher } from './signals/signal.ts';
import { mergeJournalPages } from './status/journal.ts';
import { journalKeeper } from './status/journal-keeper.ts';
import { traceInvocations } from './telemetry/invocations.ts';
import { measureOutboxAge, measureReplication } from './telemetry/metrics.ts';

const config = parseConfig(process.env);
for (const error of configErrors(config)) console.error(error.message);
void scheduleErrors(config).then((errors) => {
  for (const error of errors) console.error(error.message);
});

const clock: Clock = {
  now: () => new Date(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
};
const azure = azureClients(config);

const telemetry = config.telemetry.ok ? config.telemetry.value : undefined;
traceInvocations(
  telemetry &&
    (async () => {
      const { startOpenTelemetry } = await import('./telemetry/open-telemetry.ts');
      return startOpenTelemetry(telemetry, packageJson.version, azure.credential);
    }),
  (error) =>
    console.error(`telemetry is not sent: ${error instanceof Error ? error.message : String(error)}`),
);

const journal = journalKeeper(azure.journalStore, clock.now, randomUUID);
// Each signal follows a log line that tells the same, so without a topic there is nothing to add.
const toTopic: SignalPublisher = { publish: async (batch) => (await azure.signalTopic())?.publish(batch) };
const hasTopic = config.signalTopic.ok && config.signalTopic.value !== undefined;
const signals = hasTopic ? journal.recordingPublisher(toTopic) : toTopic;

const directory = once(async () => {
  const [{ reader }, memory] = await Promise.all([azure.registries(), azure.memberships()]);
  return replicaDirectory({ reader, memory, now: clock.now });
});

const servers = loginServers({ directory, store: azure.loginServers, now: clock.now });
const finder = registryFinder(config.registries, servers);

const endpoints = once(async () => {
  const { regionalEndpoints } = await import('./azure/registry-endpoint/endpoint.ts');
  return regionalEndpoints({
    loginServerOf: servers.current,
    roleAssignmentModeOf: async (registry, deadline) =>
      (await (await directory()).shown(registry, deadline))?.roleAssignmentMode ?? 'unknown',
    credential: azure.credential,
    now: clock.now,
  });
});

/** What the functions that deal with images share, so that each knows what the others of this process wrote. */
const imagePorts = once(async (): Promise<ImagePorts> => {
  const ledger = await azure.ledger();
  const store = imageStore({ ledger, now: clock.now, sleep: clock.sleep, random: Math.random });
  settingValue(config.signalTopic);
  return {
    ledger,
    store,
    directory: await directory(),
    manifests: await endpoints(),
    blobs: await endpoints(),
    pulls: pullMemory(),
    outbox: hasTopic
      ? topicOutbox({
          store,
          publisher: signals,
          now: clock.now,
          onPublished: measureOutboxAge,
        })
      : logOnlyOutbox,
    changes: imageChanges(),
    findRegistry: finder.withLoginServer,
    now: clock.now,
  };
});

const reconcilePorts = once(async (): Promise<ReconcileReportPorts> => {
  const [groups, { reader, writer, lister }] = await Promise.all([
    azure.containerGroups(),
    azure.recordSets(),
  ]);
  return {
    containerGroups: groups.reader,
    recordSets: { ...coalescedReads(reader, lister), ...writer },
    requeueQueue: azure.requeueQueue,
    signals,
    journal,
    clock,
    rateLimiter: createRateLimiter(() => performance.now()),
    random: Math.random,
  };
});
bindReconcileDns(config, reconcilePorts);
bindResumeDns(config, reconcilePorts, {
  requeueQueue: azure.requeueQueue,
  clock,
  random: Math.random,
});

bindAuditDns(config, async () => {
  // As the other settings of the sweep: a bad one is named before its thread starts.
  await azure.arm();
  const { sweepOnThread } = await import('./dns/audit/sweep-thread.ts');
  const script = new URL('./sweep-worker.js', import.meta.url);
  return {
    sweep: (before, timeoutMs) => sweepOnThread(script, before, timeoutMs),
    reports: await azure.auditReports(),
    signals,
  };
});

bindTrackIpDrift(config, async () => {
  const [groups, { reader }, driftLog] = await Promise.all([
    azure.containerGroups(),
    azure.recordSets(),
    azure.driftLog(),
  ]);
  return { containerGroups: groups.reader, recordSets: reader, driftLog, clock };
});

/** Without a retention, every notification counts, however old: the review names the bad setting. */
const imageRecorder = once(async () => {
  const { ledgerRetentionMs: retention } = config;
  const retentionMs = retention.ok ? retention.value : Number.POSITIVE_INFINITY;
  return recorder({ ...(await imagePorts()), retentionMs });
});
const notificationPorts = once(async () => {
  const ports = await imagePorts();
  return { directory: ports.directory, record: (await imageRecorder()).record };
});
bindReceiveRegistryWebhook(config, finder, notificationPorts);
bindReceiveRegistryEvent(finder, notificationPorts);
bindGetReplication(finder, imagePorts);

/** A job imports nothing from another one, so that routing gets a function of the ledger. */
const newestImageOf: ReviewPorts['newestReplicated'] = async (registry, deadline) => {
  const loginServer = await servers.of(registry, deadline);
  if (loginServer === undefined) return undefined;
  const [ledger, newest] = await Promise.all([azure.ledger(), azure.newestImages()]);
  return newestReplicated(loginServer, { ledger, newest }, deadline);
};

const hearsay = once(async (): Promise<RegistryHearsay> => {
  const [{ armReader }, { readAvailability }, { routeOf }, { resolveCname }] = await Promise.all([
    import('./azure/arm/resources.ts'),
    import('./azure/arm/resource-health.ts'),
    import('./azure/login-server-route.ts'),
    import('node:dns/promises'),
  ]);
  const access = await azure.arm();
  const reader = armReader(access, { pausesMs: [], isApp: true });
  // The simulator's registries have no names in DNS.
  const isSimulated = access.credential === undefined;
  return {
    availability: (registry, deadline) => readAvailability(reader, registry.id, deadline),
    route: async (loginServer, deadline) =>
      isSimulated ? undefined : routeOf(loginServer, resolveCname, deadline),
  };
});

bindReviewReplicas(config, async () => {
  const [images, { reader, writer }] = await Promise.all([imagePorts(), azure.registries()]);
  return {
    images: {
      ...images,
      retentionMs: settingValue(config.ledgerRetentionMs),
      takeIn: (await imageRecorder()).takeIn,
      newest: await azure.newestImages(),
      onCopied: (loginServer, region, ms) =>
        measureReplication(registryNameOf(loginServer), loginServer, region, ms),
    },
    replicas: {
      reader,
      writer,
      signals,
      clock,
      prober: await endpoints(),
      newestReplicated: newestImageOf,
      hearsay: await hearsay(),
      states: await azure.reviewStates(),
      loginServers: servers,
    },
  };
});

bindRehearseReplica({
  finder,
  loadRules: () => reviewRules(config, clock.now()),
  loadPorts: async () => ({
    reader: (await azure.registries()).reader,
    clock,
    prober: await endpoints(),
    newestReplicated: newestImageOf,
    states: await azure.reviewStates(),
    loginServers: servers,
  }),
});

const statusPorts: StatusPorts = {
  version: packageJson.version,
  now: clock.now,
  audit: async (deadline) => (await azure.auditReports())?.read(deadline),
  images: async (deadline) => listOpenImages(await imagePorts(), deadline),
  copyTimes: async (registries, now, deadline) => {
    const { ledger } = await imagePorts();
    return reportCopyTimes(registries, { ledger, loginServers: servers }, now, deadline);
  },
  reviewStates: azure.reviewStates,
  loginServers: servers,
  journal: async (deadline) => {
    const { id, page } = journal.page();
    const others = (await (await azure.journalStore())?.readOthers(id, deadline)) ?? [];
    return mergeJournalPages([...others, page], clock.now());
  },
};
bindGetStatus(config, statusPorts);

bindStatusPage(async () => (await import('evenkeel:status-page')).default);

// Off unless somebody asks for them, and then not loaded either.
if (config.mcpTools.ok && config.mcpTools.value === 'on') {
  const [{ bindMcpStatus }, { bindMcpReplication }, { bindMcpPlan }] = await Promise.all([
    import('./functions/mcp-status.ts'),
    import('./functions/mcp-replication.ts'),
    import('./functions/mcp-plan.ts'),
  ]);
  bindMcpStatus((log) => readStatus(config, statusPorts, log));
  bindMcpReplication((asked, log) => answerReplication(asked, finder, imagePorts, log));
  bindMcpPlan(config, async () => {
    const [groups, { reader }] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
    return { containerGroups: groups.reader, recordSets: reader, clock };
  });
}
