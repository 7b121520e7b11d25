/**
 * The composition root: settings, clients, jobs, triggers.
 *
 * Nothing heavy is imported here. Each function loads the adapters that it needs, and with them their SDKs,
 * when it runs for the first time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import packageJson from '../package.json' with { type: 'json' };
import { azureClients } from './azure/clients.ts';
import { configErrors, parseConfig } from './config.ts';
import { sweepOnThread } from './dns/audit/sweep-thread.ts';
import { coalescedReads } from './dns/coalesced-reads.ts';
import { createRateLimiter } from './dns/rate-limiter.ts';
import type { GroupPorts } from './dns/report.ts';
import { bindAuditDns } from './functions/audit-dns.ts';
import { bindGetReplication } from './functions/get-replication.ts';
import { bindGetStatus } from './functions/get-status.ts';
import { bindReceiveRegistryEvent } from './functions/receive-registry-event.ts';
import { bindReceiveRegistryWebhook } from './functions/receive-registry-webhook.ts';
import { bindReconcileDns } from './functions/reconcile-dns.ts';
import { bindResumeDns } from './functions/resume-dns.ts';
import { bindReviewReplicas } from './functions/review-replicas.ts';
import { bindStatusPage } from './functions/status-page.ts';
import { bindTrackIpDrift } from './functions/track-ip-drift.ts';
import { once } from './lib/async.ts';
import type { Clock } from './lib/clock.ts';
import { replicaDirectory } from './registries/directory.ts';
import { imageChanges } from './replication/image-changes.ts';
import { listOpenImages } from './replication/open-images.ts';
import { outbox } from './replication/outbox.ts';
import { recorder } from './replication/record.ts';
import { imageStore } from './replication/store.ts';
import { registryStatus } from './routing/status-view.ts';
import { badSetting, settingValue } from './settings/setting.ts';
import type { StorageConnection } from './settings/storage-connection.ts';
import type { SignalPublisher } from './signals/signal.ts';
import { mergeJournalPages } from './status/journal.ts';
import { journalKeeper } from './status/journal-keeper.ts';
import { traceInvocations } from './telemetry/invocations.ts';
import { measureOutboxAge, measureReplication } from './telemetry/metrics.ts';

const config = parseConfig(process.env);
for (const error of configErrors(config)) console.error(error.message);

/** After the topic did not take a signal; the review tries all the same. */
const signalPauseMs = 10_000;

const clock: Clock = { now: () => new Date(), sleep: async (ms) => void (await sleep(ms)) };

const { arm, credential, containerGroups, recordSets, registries } = azureClients(config);
const telemetry = config.telemetry.ok ? config.telemetry.value : undefined;
traceInvocations(
  telemetry &&
    (async () => {
      const { startOpenTelemetry } = await import('./telemetry/open-telemetry.ts');
      return startOpenTelemetry(telemetry, packageJson.version, credential);
    }),
  (error) =>
    console.error(`telemetry is not sent: ${error instanceof Error ? error.message : String(error)}`),
);

const credentialFor = async (connection: StorageConnection) =>
  connection.kind === 'identity' && !connection.endpoint.isInsecure ? credential() : undefined;

const stateConnection = () =>
  config.state?.connection ??
  badSetting(
    'STATE: expected table storage for the replication ledger, found neither it nor AzureWebJobsStorage',
  );

const requeueQueue = once(async () => {
  if (config.deferral === undefined) return undefined;
  const connection = settingValue(config.deferral.connection);
  const { requeueQueue } = await import('./azure/storage/queues.ts');
  return requeueQueue(connection, await credentialFor(connection));
});

const signalPublisher = once(async (): Promise<SignalPublisher> => {
  const endpoint = settingValue(config.signalTopic);
  // Each signal follows a log line that tells the same, so without a topic there is nothing to add.
  if (endpoint === undefined) return { publish: async () => {} };
  const { signalTopic } = await import('./azure/event-grid.ts');
  return signalTopic(endpoint, endpoint.isInsecure ? undefined : await credential());
});

const journalStore = once(async () => {
  if (config.state === undefined) return undefined;
  const connection = settingValue(config.state.connection);
  const [{ openTable }, { journalTable }] = await Promise.all([
    import('./azure/storage/tables.ts'),
    import('./azure/storage/journal.ts'),
  ]);
  return journalTable(openTable('EvenkeelJournal', connection, await credentialFor(connection)), clock.now);
});
const journal = journalKeeper(journalStore, clock.now);

const toTopic: SignalPublisher = { publish: async (batch) => (await signalPublisher()).publish(batch) };
const hasTopic = config.signalTopic.ok && config.signalTopic.value !== undefined;
const signals = hasTopic ? journal.recordingPublisher(toTopic) : toTopic;

const driftLog = once(async () => {
  const target = settingValue(config.logsIngestion);
  if (target === undefined) return undefined;
  const { driftLog } = await import('./azure/logs-ingestion.ts');
  const sender = target.endpoint.isInsecure ? undefined : await credential();
  return driftLog(target, sender, settingValue(config.cloud).monitorAudience);
});

const auditReports = once(async () => {
  if (config.reports === undefined) return undefined;
  const connection = settingValue(config.reports.connection);
  const { reportBlob } = await import('./azure/storage/blobs.ts');
  return reportBlob(connection, await credentialFor(connection));
});

const directory = once(async () => replicaDirectory({ reader: (await registries()).reader, now: clock.now }));

const endpoints = once(async () => {
  const [{ regionalEndpoints }, known] = await Promise.all([
    import('./azure/registry-endpoint/endpoint.ts'),
    directory(),
  ]);
  return regionalEndpoints({
    loginServerOf: async (registry, deadline) => (await known.view(registry, deadline))?.loginServer,
    credential,
    now: clock.now,
  });
});

const reviewStates = once(async () => {
  const connection = settingValue(stateConnection());
  const [{ openTable }, { reviewTable, reviewTableName }] = await Promise.all([
    import('./azure/storage/tables.ts'),
    import('./azure/storage/reviews.ts'),
  ]);
  return reviewTable(openTable(reviewTableName, connection, await credentialFor(connection)));
});

/** What the functions that deal with images share, so that each knows what the others of this process wrote. */
const imagePorts = once(async () => {
  const connection = settingValue(stateConnection());
  const { ledgerTables } = await import('./azure/storage/ledger.ts');
  const ledger = ledgerTables(connection, await credentialFor(connection));
  const store = imageStore(ledger, clock.now);
  settingValue(config.signalTopic);
  return {
    ...{ ledger, store },
    directory: await directory(),
    manifests: await endpoints(),
    outbox: hasTopic
      ? outbox({
          store,
          publisher: signals,
          now: clock.now,
          pauseMs: signalPauseMs,
          onPublished: measureOutboxAge,
        })
      : undefined,
    changes: imageChanges(),
    registry: (name: string) => settingValue(config.registries).named(name),
    now: clock.now,
  };
});

/** Cheap until it is used: an invocation that defers nothing does not load the queue's SDK. */
const lazyRequeueQueue: GroupPorts['requeueQueue'] = config.deferral && {
  requeue: async (deferral, delayMs) => (await requeueQueue())?.requeue(deferral, delayMs),
};

const groupPorts = once(async (): Promise<GroupPorts> => {
  const [groups, { reader, writer, lister }] = await Promise.all([containerGroups(), recordSets()]);
  return {
    containerGroups: groups.reader,
    recordSets: { ...coalescedReads(reader, lister), ...writer },
    requeueQueue: lazyRequeueQueue,
    ...{ signals, journal },
    clock,
    rateLimiter: createRateLimiter(() => performance.now()),
    random: Math.random,
  };
});

bindReconcileDns(config, groupPorts);
bindResumeDns(config, groupPorts);

bindAuditDns(config, async () => {
  // As the other settings of the sweep: a bad one is named before its thread starts.
  await arm();
  const script = new URL('./sweep-worker.js', import.meta.url);
  return {
    sweep: (before, timeoutMs) => sweepOnThread(script, before, timeoutMs),
    reports: await auditReports(),
    signals,
  };
});

bindTrackIpDrift(config, async () => {
  const [groups, { reader }, rows] = await Promise.all([containerGroups(), recordSets(), driftLog()]);
  return { containerGroups: groups.reader, recordSets: reader, driftLog: rows, clock };
});

const noticePorts = once(async () => {
  const ports = await imagePorts();
  return { directory: ports.directory, record: recorder(ports).record };
});
bindReceiveRegistryWebhook(config, noticePorts);
bindReceiveRegistryEvent(config, noticePorts);
bindGetReplication(config, imagePorts);

/** One run over one registry: two of them may not be at work on the same replica for longer than this. */
const reviewRunMs = 40_000;

bindReviewReplicas(config, async () => {
  const [images, { reader, writer }, { scheduleIntervalMs }] = await Promise.all([
    imagePorts(),
    registries(),
    import('./settings/schedule.ts'),
  ]);
  return {
    images: {
      ...images,
      retentionMs: settingValue(config.ledgerRetentionMs),
      onCopied: measureReplication,
    },
    replicas: {
      ...{ reader, writer, signals, clock },
      prober: await endpoints(),
      states: await reviewStates(),
    },
    rules: {
      raise: settingValue(config.reviewRaise),
      clear: settingValue(config.reviewClear),
      intervalMs: scheduleIntervalMs('REVIEW_SCHEDULE', config.reviewSchedule.text, clock.now()),
      mode: settingValue(config.routingMode),
      holdDownMs: settingValue(config.routingHoldDownMs),
      changesPerHour: settingValue(config.routingChangesPerHour),
      reenable: settingValue(config.routingReenable),
      contestLimit: settingValue(config.routingContestLimit),
      runMs: reviewRunMs,
    },
  };
});

bindGetStatus(config, async () => {
  const { scheduleIntervalMs } = await import('./settings/schedule.ts');
  const registryList = () => settingValue(config.registries).all;
  return {
    version: packageJson.version,
    now: clock.now,
    audit: async () => (await auditReports())?.read(),
    images: async (deadline) =>
      registryList().length === 0 ? undefined : listOpenImages(await imagePorts(), deadline),
    reviews: async () => {
      if (registryList().length === 0) return [];
      const states = await reviewStates();
      const reviews = await Promise.all(
        registryList().map(async (registry) => {
          const state = (await states.read(registry.name))?.state;
          return state === undefined ? [] : [registryStatus(registry, state)];
        }),
      );
      return reviews.flat();
    },
    journal: async () => {
      const others = (await (await journalStore())?.readOthers()) ?? [];
      return mergeJournalPages([...others, journal.page()], clock.now());
    },
    auditIntervalMs: scheduleIntervalMs('AUDIT_SCHEDULE', config.auditSchedule.text, clock.now()),
    reviewIntervalMs: scheduleIntervalMs('REVIEW_SCHEDULE', config.reviewSchedule.text, clock.now()),
  };
});

bindStatusPage(async () => (await import('evenkeel:status-page')).default);
