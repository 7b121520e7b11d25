import type { Activity } from './arm/activity.ts';
import { dispatcher, type HandledHook, Hooks, type RequestHook } from './arm/dispatcher.ts';
import { Faults } from './arm/faults.ts';
import { Locks } from './arm/locks.ts';
import { LongRunningOperations } from './arm/long-running.ts';
import { type ArmAnswer, operationFinder } from './arm/operation.ts';
import { Policies } from './arm/policies.ts';
import { requestJournal } from './arm/request-journal.ts';
import { RequestLog } from './arm/request-log.ts';
import { ResourceGroups, resourceGroupOperations } from './arm/resource-groups.ts';
import { StaleReads } from './arm/stale-reads.ts';
import { type SubscriptionCondition, Subscriptions, subscriptionOperations } from './arm/subscriptions.ts';
import { Authorization } from './authorization/authorization.ts';
import { authorizationOperations } from './authorization/authorization-operations.ts';
import { type Azurite, type AzuriteOptions, startAzurite } from './azurite.ts';
import { certificateFile, loopbackCertificate } from './certificate.ts';
import { type Clock, realClock } from './clock.ts';
import type { ContainerGroupBehaviour } from './container-groups/behaviour.ts';
import { containerGroupService } from './container-groups/container-group-service.ts';
import type { ContainerGroupControl } from './container-groups/control.ts';
import type { SubnetOptions } from './container-groups/subnets.ts';
import { controlPrefix, controlSurface } from './control-surface.ts';
import { answerQuery } from './dns/answer.ts';
import { serveDns } from './dns/server.ts';
import type { EventGridBehaviour } from './event-grid/behaviour.ts';
import { blobDeadLetters } from './event-grid/dead-letters.ts';
import { EventGrid } from './event-grid/event-grid.ts';
import { subscriptionOperations as eventSubscriptionOperations } from './event-grid/subscription-operations.ts';
import { topicOperations } from './event-grid/topic-operations.ts';
import { type Topic, Topics } from './event-grid/topics.ts';
import { type HttpServer, serveHttp } from './http-server.ts';
import { ManagedIdentity } from './identity.ts';
import { LogsIngestion, logsIngestionOperations } from './logs/logs-ingestion.ts';
import type { PrivateDnsBehaviour } from './private-dns/behaviour.ts';
import type { ZoneControl, ZoneSpec } from './private-dns/control.ts';
import { privateDnsService } from './private-dns/private-dns-service.ts';
import type { QuotaOptions } from './private-dns/quotas.ts';
import type { RegistryBehaviour } from './registries/behaviour.ts';
import type { RegistryControl, RegistrySpec } from './registries/control.ts';
import { dataRoot } from './registries/data-host.ts';
import { registryService } from './registries/registry-service.ts';
import type { ServeSecurely } from './registries/secure-endpoints.ts';
import {
  sampleHub,
  sampleNetwork,
  sampleRegistry,
  sampleRegistryGroup,
  sampleSubscriptionId,
} from './sample.ts';

export interface LocalAzureOptions {
  /** Port of Resource Manager; 0, the default, is any free one. */
  readonly port?: number;
  /** Port of the data host of registries; 0, the default, is any free one. */
  readonly dataPort?: number;
  /** Port of DNS, both UDP and TCP; 0, the default, is any free one. */
  readonly dnsPort?: number;
  /**
   * Options start Azurite, which takes a second or so. A running Azurite is used, and left running. Without either
   * there is none.
   */
  readonly storage?: AzuriteOptions | Azurite;
  readonly clock?: Clock;
  /** The subscription of everything that names none. */
  readonly subscriptionId?: string;
  /** Further subscriptions, or another condition of that one. */
  readonly subscriptions?: readonly (Partial<SubscriptionCondition> & { readonly id: string })[];
  /** Subscriptions in one page of a list; 1000 by default. */
  readonly subscriptionPageSize?: number;
  /** Subnets of container groups; those of the sample network by default. */
  readonly subnets?: readonly SubnetOptions[];
  readonly zones?: readonly ZoneSpec[];
  readonly containerGroupBehaviour?: Partial<ContainerGroupBehaviour>;
  readonly privateDnsBehaviour?: Partial<PrivateDnsBehaviour>;
  readonly quotas?: Partial<QuotaOptions>;
  /** Registries that exist from the start; by default `myregistry` in four regions. */
  readonly registries?: readonly RegistrySpec[];
  readonly registryBehaviour?: Partial<RegistryBehaviour>;
  /** Seed of what registries draw by lot: digests, delays and duplicates. 1 by default. */
  /**
   * Serves each regional endpoint as an https host of its own, with a certificate that processes trust which get
   * {@link LocalAzure.trustedEnvironment}. Without it, endpoints are paths of plain http.
   */
  readonly secureRegistries?: boolean;
  readonly registrySeed?: number;
  readonly createResourceGroupsOnTheFly?: boolean;
  readonly eventGridBehaviour?: Partial<EventGridBehaviour>;
  /** Seed of what Event Grid draws by lot: duplicates, delays and back-off. 1 by default. */
  readonly eventGridSeed?: number;
  /** Custom topics that exist from the start; `evenkeel` by default. */
  readonly topics?: readonly string[];
  /** File for the kinds of request that the app makes; the one that `EVENKEEL_REQUEST_JOURNAL` names by default. */
  readonly requestJournal?: string;
}

export interface LocalAzure {
  /** Base URL of Resource Manager, for `ARM_ENDPOINT`. */
  readonly armEndpoint: string;
  /** Answers on 127.0.0.1 as the resolver of a virtual network that the zones are linked to. */
  readonly dns: { readonly port: number };
  /** Azurite; undefined unless asked for. */
  readonly storage: Azurite | undefined;
  readonly clock: Clock;
  readonly containerGroups: ContainerGroupControl;
  readonly zones: ZoneControl;
  readonly registries: RegistryControl;
  readonly subscriptions: Subscriptions;
  readonly resourceGroups: ResourceGroups;
  readonly locks: Locks;
  readonly policies: Policies;
  /** Lets GET and lists of record sets and container groups be out of date. */
  readonly staleReads: StaleReads;
  readonly requests: RequestLog;
  readonly faults: Faults;
  /** Takes the changes at Resource Manager to web hooks; nobody is subscribed at first. */
  readonly eventGrid: EventGrid;
  /** A custom topic, created on first use. Publishing over http to one that does not exist is a 404. */
  topic(name: string): Topic;
  /** Where a custom topic takes events, for `SIGNAL_TOPIC__topicEndpointUri`. */
  topicEndpoint(name: string): string;
  /** What was sent to data collection rules; `armEndpoint` is their endpoint too. */
  readonly logs: LogsIngestion;
  /** Whose tokens a process gets with {@link LocalAzure.trustedEnvironment}. */
  readonly identity: ManagedIdentity;
  /** Environment of a process that trusts secure registries and has the managed identity; empty without those. */
  readonly trustedEnvironment: Readonly<Record<string, string>>;
  /** Role assignments, to be looked at: no request is refused because of them. */
  readonly authorization: Authorization;
  /** Runs between the arrival of a request and its effect. Returns how to remove the hook. */
  onRequest(hook: RequestHook): () => void;
  /** Runs between the effect of a request and its answer. Returns how to remove the hook. */
  onHandled(hook: HandledHook): () => void;
  /** Runs at every change that Event Grid would tell about. Returns how to remove it. */
  onActivity(listener: (activity: Activity) => void): () => void;
  close(): Promise<void>;
}

function responseOf({ status, headers, body, text, bytes, isBodyWithheld }: ArmAnswer): Response {
  const init = { status, headers: new Headers(headers) };
  if (body !== undefined && !init.headers.has('content-type'))
    init.headers.set('content-type', 'application/json; charset=utf-8');
  const hasNoBody = status === 204 || status === 304;
  if (isBodyWithheld === true && !hasNoBody) {
    // Its headers are sent as soon as the first read of it does not answer at once.
    if (!init.headers.has('content-type')) init.headers.set('content-type', 'application/json');
    return new Response(new ReadableStream(), init);
  }
  return body === undefined ? new Response(bytes ?? text ?? null, init) : Response.json(body, init);
}

/** Starts the whole simulator on loopback, with the sample network and registry unless others are given. */
export async function startLocalAzure(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  const clock = options.clock ?? realClock();
  const subscriptionId = options.subscriptionId ?? sampleSubscriptionId;
  const closing = new AbortController();
  const lifetime = closing.signal;
  const eventGrid = new EventGrid({
    clock,
    behaviour: options.eventGridBehaviour,
    seed: options.eventGridSeed,
    lifetime,
  });
  const topics = new Topics(eventGrid);
  for (const name of options.topics ?? ['evenkeel']) topics.ensure(name);
  const logs = new LogsIngestion();
  const authorization = new Authorization();
  const activityListeners = new Set<(activity: Activity) => void>([(change) => eventGrid.report(change)]);
  const activity = (change: Activity) => {
    for (const listener of activityListeners) listener(change);
  };

  const subscriptions = new Subscriptions({ pageSize: options.subscriptionPageSize });
  subscriptions.set(subscriptionId);
  for (const { id, ...condition } of options.subscriptions ?? []) subscriptions.set(id, condition);
  const locks = new Locks();
  const policies = new Policies();
  const staleReads = new StaleReads(clock);
  const resourceGroups = new ResourceGroups({
    subscriptions,
    createOnTheFly: options.createResourceGroupsOnTheFly ?? true,
  });
  for (const name of sampleNetwork.resourceGroups) resourceGroups.ensure(subscriptionId, name);
  const running = new LongRunningOperations(clock);
  const containerGroups = containerGroupService({
    clock,
    lifetime,
    running,
    resourceGroups,
    staleReads,
    activity,
    behaviour: options.containerGroupBehaviour,
    subnets: options.subnets ?? sampleNetwork.subnets,
    subscriptionId,
  });
  const privateDns = privateDnsService({
    clock,
    resourceGroups,
    staleReads,
    activity,
    behaviour: options.privateDnsBehaviour,
    quotas: options.quotas,
    owner: { subscriptionId, resourceGroup: sampleHub },
  });
  for (const zone of options.zones ?? sampleNetwork.zones) privateDns.control.create(zone);

  const requests = new RequestLog();
  const faults = new Faults();
  let base = '';
  const dataBases: Record<string, string> = {};
  const identity = new ManagedIdentity(clock);
  const certificate = options.secureRegistries === true ? await loopbackCertificate() : undefined;
  const secureHosts: HttpServer[] = [];
  const serveSecurely: ServeSecurely = async (root) => {
    const host = await serveHttp(0, (request) => responseTo(request, root), certificate);
    secureHosts.push(host);
    return host;
  };
  const registries = registryService({
    clock,
    lifetime,
    running,
    resourceGroups,
    eventGrid,
    faults,
    activity,
    behaviour: options.registryBehaviour,
    seed: options.registrySeed ?? 1,
    owner: { subscriptionId, resourceGroup: sampleRegistryGroup },
    base: () => base,
    dataBase: (scheme) => dataBases[scheme] ?? '',
    identity,
    serveSecurely: certificate && serveSecurely,
  });
  for (const registry of options.registries ?? [sampleRegistry]) registries.control.create(registry);
  const find = operationFinder([
    ...subscriptionOperations(subscriptions),
    ...resourceGroupOperations(resourceGroups),
    ...containerGroups.operations,
    ...privateDns.operations,
    ...eventSubscriptionOperations(eventGrid),
    ...topicOperations(topics),
    ...authorizationOperations(authorization),
    ...logsIngestionOperations(logs),
    ...registries.operations,
    ...identity.operations,
  ]);
  const onRequest = new Hooks<RequestHook>();
  const onHandled = new Hooks<HandledHook>();
  const journal = options.requestJournal ?? process.env['EVENKEEL_REQUEST_JOURNAL'];
  if (journal !== undefined) onRequest.add(requestJournal(journal));
  const answer = dispatcher({
    find,
    clock,
    log: requests,
    faults,
    checks: [subscriptions, locks, policies].map((one) => (request) => one.check(request)),
    onRequest,
    onHandled,
    lifetime,
  });
  async function responseTo(request: Request, root?: string): Promise<Response | undefined> {
    const answered = await answer(request, root);
    return answered === undefined ? undefined : responseOf(answered);
  }
  const control = controlSurface({
    containerGroups: containerGroups.control,
    registries: registries.control,
    eventGrid,
    faults,
    subscriptions,
    locks,
    policies,
    staleReads,
    requests,
  });
  await using started = new AsyncDisposableStack();
  started.defer(async () => void (await Promise.all(secureHosts.map((host) => host.close()))));
  const server = await serveHttp(options.port ?? 0, async (request) => {
    if (new URL(request.url).pathname.startsWith(controlPrefix)) return control(request);
    if (new URL(request.url).pathname.startsWith(dataRoot)) return new Response(null, { status: 404 });
    return responseTo(request);
  });
  base = server.url;
  started.defer(server.close);
  const data = await serveHttp(options.dataPort ?? 0, (request) => responseTo(request, dataRoot));
  dataBases['http:'] = data.url;
  started.defer(data.close);
  let trustedEnvironment: Readonly<Record<string, string>> = {};
  if (certificate !== undefined) {
    dataBases['https:'] = (await serveSecurely(dataRoot)).url;
    await registries.control.openSecureEndpoints();
    const file = await certificateFile(certificate);
    started.defer(file.remove);
    trustedEnvironment = { NODE_EXTRA_CA_CERTS: file.path, ...identity.environment(base) };
  }
  const dns = await serveDns(options.dnsPort ?? 0, (query) => answerQuery(privateDns.zones, query));
  started.defer(dns.close);
  const storage = await storageOf(options.storage, started);
  if (storage !== undefined) {
    eventGrid.storeDeadLettersIn(blobDeadLetters(storage.connectionString));
  }
  const toClose = started.move();
  return {
    armEndpoint: server.url,
    dns: { port: dns.port },
    storage,
    clock,
    containerGroups: containerGroups.control,
    zones: privateDns.control,
    registries: registries.control,
    subscriptions,
    resourceGroups,
    locks,
    policies,
    staleReads,
    requests,
    faults,
    eventGrid,
    topic: (name) => topics.ensure(name),
    topicEndpoint: (name) => `${server.url}/topics/${encodeURIComponent(name)}/api/events`,
    logs,
    identity,
    trustedEnvironment,
    authorization,
    onRequest: (hook) => onRequest.add(hook),
    onHandled: (hook) => onHandled.add(hook),
    onActivity: (listener) => {
      activityListeners.add(listener);
      return () => void activityListeners.delete(listener);
    },
    close: async () => {
      closing.abort();
      await toClose.disposeAsync();
    },
  };
}

async function storageOf(
  storage: AzuriteOptions | Azurite | undefined,
  started: AsyncDisposableStack,
): Promise<Azurite | undefined> {
  if (storage === undefined || 'connectionString' in storage) return storage;
  const own = await startAzurite(storage);
  started.defer(own.stop);
  return own;
}
