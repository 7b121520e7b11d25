import type { Config } from '../config.ts';
import { answerReplication, getReplication } from '../functions/get-replication.ts';
import { getStatus, readStatus, type StatusPorts } from '../functions/get-status.ts';
import { receiveRegistryEvent } from '../functions/receive-registry-event.ts';
import { receiveRegistryWebhook } from '../functions/receive-registry-webhook.ts';
import { rehearseReplica } from '../functions/rehearse-replica.ts';
import { reviewReplicas } from '../functions/review-replicas.ts';
import { reviewRules } from '../functions/review-rules.ts';
import { statusPage } from '../functions/status-page.ts';
import type { RegistryFunctions } from '../functions/triggers.ts';
import { once } from '../lib/async.ts';
import { replicaDirectory } from '../registries/directory.ts';
import { registryFinder } from '../registries/finder.ts';
import { registryNameOf } from '../registries/host.ts';
import { loginServers } from '../registries/login-servers.ts';
import type { RegistryHearsay, RegistryReader, ReplicaWriter } from '../registries/ports.ts';
import { reportCopyTimes } from '../replication/copy-time-report.ts';
import { imageChanges } from '../replication/image-changes.ts';
import { newestReplicated } from '../replication/newest-images.ts';
import { listOpenImages } from '../replication/open-images.ts';
import { logOnlyOutbox, topicOutbox } from '../replication/outbox.ts';
import type { ImagePorts } from '../replication/ports.ts';
import { pullMemory } from '../replication/pull-check.ts';
import { recorder } from '../replication/record.ts';
import { imageStore } from '../replication/store.ts';
import type { ReviewPorts } from '../routing/ports.ts';
import { measureOutboxAge, measureReplication } from '../telemetry/metrics.ts';
import type { Shared } from './shared.ts';

/** The functions of replication, routing and status, and those for assistants. */
export interface RegistryComposition extends RegistryFunctions {
  /** Registers the functions for assistants. */
  readonly registerTools: () => Promise<void>;
}

/** What the functions of replication, routing and status do. Nothing is requested yet. */
export function composeRegistries(
  config: Config,
  { version, azure, clock, readJournal, hasTopic, signals }: Shared,
): RegistryComposition {
  // A bad setting of Resource Manager is as if it did not answer: what is known without it goes on.
  const reader: RegistryReader = {
    read: async (...call) => (await azure.registries()).reader.read(...call),
    listReplicas: async (...call) => (await azure.registries()).reader.listReplicas(...call),
    readReplica: async (...call) => (await azure.registries()).reader.readReplica(...call),
  };
  const writer: ReplicaWriter = {
    setGlobalRouting: async (...call) => (await azure.registries()).writer.setGlobalRouting(...call),
  };
  const directory = once(async () =>
    replicaDirectory({ reader, memory: await azure.memberships(), now: clock.now }),
  );

  const servers = loginServers({ directory, store: azure.loginServers, now: clock.now });
  const finder = registryFinder(config.registries, servers);

  const endpoints = once(async () => {
    const { regionalEndpoints } = await import('../azure/registry-endpoint/endpoint.ts');
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

  /** Without a retention, every notification counts, however old: the review names the bad setting. */
  const retentionMs = config.ledgerRetentionMs.ok ? config.ledgerRetentionMs.value : Number.POSITIVE_INFINITY;
  const imageRecorder = once(async () => {
    return recorder({ ...(await imagePorts()), retentionMs });
  });
  const notificationPorts = once(async () => {
    const ports = await imagePorts();
    return { directory: ports.directory, record: (await imageRecorder()).record };
  });

  /** A job imports nothing from another one, so that routing gets a function of the ledger. */
  const newestImageOf: ReviewPorts['newestReplicated'] = async (registry, deadline) => {
    const loginServer = await servers.of(registry, deadline);
    if (loginServer === undefined) return undefined;
    const [ledger, newest] = await Promise.all([azure.ledger(), azure.newestImages()]);
    return newestReplicated(loginServer, { ledger, newest }, deadline);
  };

  const asked = once(async (): Promise<RegistryHearsay> => {
    const [{ armReader }, { readAvailability }, { routeOf }, { resolveCname }] = await Promise.all([
      import('../azure/arm/resources.ts'),
      import('../azure/arm/resource-health.ts'),
      import('../azure/login-server-route.ts'),
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

  const hearsay: RegistryHearsay = {
    availability: async (...call) => (await asked()).availability(...call),
    route: async (...call) => (await asked()).route(...call),
  };

  const statusPorts: StatusPorts = {
    version,
    now: clock.now,
    audit: async (deadline) => (await azure.auditReports())?.read(deadline),
    images: async (deadline) => listOpenImages(await imagePorts(), deadline),
    copyTimes: async (registries, now, deadline) => {
      const { ledger } = await imagePorts();
      return reportCopyTimes(registries, { ledger, loginServers: servers }, now, deadline);
    },
    reviewStates: azure.reviewStates,
    loginServers: servers,
    journal: readJournal,
  };
  const registerTools = async () => {
    const [{ bindMcpStatus }, { bindMcpReplication }, { bindMcpPlan }] = await Promise.all([
      import('../functions/mcp-status.ts'),
      import('../functions/mcp-replication.ts'),
      import('../functions/mcp-plan.ts'),
    ]);
    bindMcpStatus((log) => readStatus(config, statusPorts, log));
    bindMcpReplication((asked, log) => answerReplication(asked, finder, imagePorts, log));
    bindMcpPlan(config, async () => {
      const [groups, { reader }] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
      return { containerGroups: groups.reader, recordSets: reader, clock };
    });
  };

  return {
    receiveRegistryWebhook: receiveRegistryWebhook(config, finder, notificationPorts),
    receiveRegistryEvent: receiveRegistryEvent(finder, notificationPorts),
    getReplication: getReplication(finder, imagePorts),
    reviewReplicas: reviewReplicas(config, async () => {
      const images = await imagePorts();
      return {
        images: {
          ...images,
          retentionMs,
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
          hearsay,
          states: await azure.reviewStates(),
          loginServers: servers,
        },
      };
    }),
    rehearseReplica: rehearseReplica({
      finder,
      loadRules: () => reviewRules(config, clock.now()),
      loadPorts: async () => ({
        reader,
        clock,
        prober: await endpoints(),
        newestReplicated: newestImageOf,
        states: await azure.reviewStates(),
        loginServers: servers,
      }),
    }),
    getStatus: getStatus(config, statusPorts),
    statusPage: statusPage(async () => (await import('evenkeel:status-page')).default),
    registerTools,
  };
}
