import type { ResourceGroups } from '../arm/resource-groups.ts';
import { after, type Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import type { RegistryAccess } from './access.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { Arrival, Copies } from './copies.ts';
import {
  type EndpointCondition,
  type EndpointConditions,
  type EndpointPart,
  endpointPath,
} from './endpoint-condition.ts';
import type { HidingSpec } from './hidden-replica.ts';
import type { DeletionSpec, ImageSpec, Images, UntagSpec } from './images.ts';
import type { ImageParts } from './missing-part.ts';
import { NoticeControl } from './notice-control.ts';
import type { PendingWork } from './pending-work.ts';
import { labelOf, type Registries, type Registry, regionOf, registryIdIn, replicaIn } from './registry.ts';
import { type Replica, type ReplicaCondition, type ReplicaView, renderReplica, viewOf } from './replica.ts';
import type { Replications } from './replications.ts';
import type { SecureEndpoints } from './secure-endpoints.ts';
import { newWebhook, type WebhookContent } from './webhook.ts';
import type { WebhookDeliveries, WebhookReport } from './webhook-deliveries.ts';

export interface RegistrySpec {
  readonly name: string;
  /** The sample subscription by default. */
  readonly subscriptionId?: string | undefined;
  /** `rg-registry` by default. */
  readonly resourceGroup?: string | undefined;
  /** Makes the login server `name-hash.azurecr.io`, as of a registry with a domain name label scope. */
  readonly labelHash?: string | undefined;
  readonly home: string;
  /** Regions besides the home region. */
  readonly replicas?: readonly string[] | undefined;
  /** `false`: no replication resource describes the home region, which serves and tells all the same. */
  readonly hasHomeReplication?: boolean | undefined;
}

interface NewReplicaSpec {
  /** Name of the replication; that of the region by default. */
  readonly name?: string | undefined;
  readonly by?: string | undefined;
  /**
   * It is seeded for so many milliseconds of the clock, or until `finishSeeding` when that is infinite: it has
   * succeeded, its status says `Syncing` since its creation, and nothing arrives.
   */
  readonly seedsForMs?: number | undefined;
}

interface PushSpec extends ImageSpec {
  readonly registry: string;
  /** Where the client pushes to; the home region by default. */
  readonly region?: string | undefined;
}

/** Who writes what no other writer is named for. */
const somebody = 'somebody@contoso.example';

/**
 * Registries as a test or scenario handles them: no HTTP request and no entry in the request log. A registry goes by
 * its name, login server, first label of one, or ARM id; it and a region are compared without case. An unknown one
 * throws a RangeError, and so does the name of several registries.
 */
export class RegistryControl {
  /** What becomes of the notices of a region. */
  readonly notices = new NoticeControl((registry, region) => this.replicaAt(registry, region));
  private readonly parts;

  constructor(parts: {
    readonly clock: Clock;
    readonly lifetime: AbortSignal;
    readonly registries: Registries;
    readonly replications: Replications;
    readonly images: Images;
    readonly copies: Copies;
    readonly deliveries: WebhookDeliveries;
    readonly pending: PendingWork;
    readonly conditions: EndpointConditions;
    /** Undefined where endpoints are only paths of plain http. */
    readonly secure: SecureEndpoints | undefined;
    readonly resourceGroups: ResourceGroups;
    readonly owner: { readonly subscriptionId: string; readonly resourceGroup: string };
    /** Changes the behaviour from now on. */
    readonly change: (behaviour: Partial<RegistryBehaviour>) => void;
    /** Base URL of the simulator. */
    readonly base: () => string;
  }) {
    this.parts = parts;
  }

  /**
   * Creates a registry, or replaces one with all that it holds, and returns its ARM id.
   * @throws RangeError for a name that Azure refuses, or a login server that another registry has.
   */
  create(spec: RegistrySpec): string {
    const { registries, replications, resourceGroups, owner, clock } = this.parts;
    const { name, labelHash, replicas = [], hasHomeReplication = true } = spec;
    const { subscriptionId = owner.subscriptionId, resourceGroup = owner.resourceGroup } = spec;
    const group = resourceGroups.ensure(subscriptionId, resourceGroup);
    const existing = registries.find(registryIdIn(group, name));
    if (existing !== undefined) registries.delete(existing);
    const home = regionOf(spec.home);
    const registry = registries.add({ owner: group, name, labelHash, home, by: somebody, now: clock.now() });
    for (const region of new Set([home, ...replicas.map(regionOf)])) {
      const replica = replications.add(registry, region, region, somebody);
      if (region === home) replica.hasReplication = hasHomeReplication;
    }
    return registry.id;
  }

  /** The ARM id of a registry; of one in the sample resource group when there is none of that name. */
  id(registry: string): string {
    const { subscriptionId, resourceGroup: name } = this.parts.owner;
    return this.parts.registries.find(registry)?.id ?? registryIdIn({ subscriptionId, name }, registry);
  }

  /** Such as `myregistry.azurecr.io`. */
  loginServer(registry: string): string {
    return this.known(registry).loginServer;
  }

  replicationId(registry: string, region: string): string {
    return this.replicaAt(registry, region).id;
  }

  /**
   * Base URL of the regional endpoint; a client appends `/v2/…`. The replica need not exist. It is an https host of its
   * own where registries are secure, if the replica was there when they were opened last.
   */
  endpoint(registry: string, region: string): string {
    const found = this.parts.registries.find(registry);
    const label = found === undefined ? registry : labelOf(found);
    const path = endpointPath(label, regionOf(region));
    return this.parts.secure?.url(path) ?? `${this.parts.base()}${path}`;
  }

  /** All registries in the form of the app setting `REGISTRIES`, with the endpoints of their replicas. */
  setting(): { readonly id: string; readonly endpoints: Readonly<Record<string, string>> }[] {
    return [...this.parts.registries.all].map(({ id, replicas }) => ({
      id,
      endpoints: Object.fromEntries([...replicas].map(({ region }) => [region, this.endpoint(id, region)])),
    }));
  }

  /** Pushes an image, which is in its region at once; returns its digest. */
  push(spec: PushSpec): string {
    const registry = this.known(spec.registry);
    const origin = this.replicaAt(spec.registry, spec.region ?? registry.home);
    return this.parts.images.push(registry, origin, spec);
  }

  /** Deletes a manifest and its tags: in `region`, or at home, at once, and in the others as copies go. */
  delete(spec: DeletionSpec & { readonly registry: string; readonly region?: string | undefined }): void {
    const registry = this.known(spec.registry);
    const origin = this.replicaAt(spec.registry, spec.region ?? registry.home);
    this.parts.images.delete(registry, origin, spec);
  }

  /** Removes a tag, as `delete` does a manifest, which stays. Nobody is told. */
  untag(spec: UntagSpec & { readonly registry: string; readonly region?: string | undefined }): void {
    const registry = this.known(spec.registry);
    const origin = this.replicaAt(spec.registry, spec.region ?? registry.home);
    this.parts.images.untag(registry, origin, spec);
  }

  /**
   * The digests of an image's config, layers and platforms.
   * @throws RangeError when the registry never had it.
   */
  partsOf(registry: string, repository: string, digest: string): ImageParts {
    return this.parts.images.parts(this.known(registry), repository, digest);
  }

  /** A manifest, config or layer is missing in a region, whether it came already or is yet to come, until `repair`. */
  withhold(registry: string, region: string, repository: string, digest: string): void {
    this.replicaAt(registry, region).content.withhold(`${repository}@${digest}`);
  }

  /** What is missing in a region comes, and what waited for it: one manifest or blob, or everything. */
  repair(
    registry: string,
    region: string,
    what?: { readonly repository: string; readonly digest: string },
  ): void {
    const keys = what && [`${what.repository}@${what.digest}`];
    this.parts.copies.repair(this.replicaAt(registry, region), keys);
  }

  /** Copies to a replica wait until `resume`. */
  stall(registry: string, region: string): void {
    this.replicaAt(registry, region).isStalled = true;
  }

  /** What waited arrives at once, in the order in which it was due. */
  resume(registry: string, region: string): void {
    const replica = this.replicaAt(registry, region);
    replica.isStalled = false;
    this.parts.copies.catchUp(replica);
  }

  /** The next native webhooks of a replica are never sent. */
  loseWebhooks(registry: string, region: string, times: number): void {
    this.notices.lose(registry, region, times, { of: 'webhooks' });
  }

  /** Puts a regional endpoint, or a part of it, into a condition, instead of an earlier one. */
  degrade(
    registry: string,
    region: string,
    condition: EndpointCondition,
    part: EndpointPart = 'endpoint',
  ): void {
    const { region: known } = this.replicaAt(registry, region);
    this.parts.conditions.set(labelOf(this.known(registry)), known, part, condition);
  }

  /** Ends the condition of one part of an endpoint, or all of them. */
  restore(registry: string, region: string, part?: EndpointPart): void {
    this.parts.conditions.clear(labelOf(this.known(registry)), regionOf(region), part);
  }

  /** Puts the token service of a registry into a condition, at all its endpoints, instead of an earlier one. */
  degradeTokenService(registry: string, condition: EndpointCondition): void {
    const known = this.known(registry);
    this.parts.conditions.setTokenService(labelOf(known), known.loginServer, condition);
  }

  restoreTokenService(registry: string): void {
    this.parts.conditions.clearTokenService(labelOf(this.known(registry)));
  }

  /** Changes what the app's identity may do at a registry from now on. Tokens that it has stay as they are. */
  permit(registry: string, access: Partial<RegistryAccess>): void {
    const known = this.known(registry);
    known.access = { ...known.access, ...access };
  }

  /** Gives replicas that were added since then https hosts of their own, where registries are secure. */
  async openSecureEndpoints(): Promise<void> {
    await this.parts.secure?.open();
  }

  /** Puts a replication into any condition, at once. */
  setReplica(registry: string, region: string, condition: ReplicaCondition): void {
    const replica = this.replicaAt(registry, region);
    const { provisioningState, displayStatus, statusAt, globalRouting, tags, by, omitRoutingFlag } =
      condition;
    const routed = globalRouting === undefined ? undefined : globalRouting === 'enabled';
    this.parts.replications.write(replica, { tags, globalRouting: routed }, by ?? somebody);
    if (provisioningState !== undefined) this.parts.replications.show(replica, provisioningState);
    if (displayStatus !== undefined || statusAt !== undefined) {
      this.parts.replications.showStatus(replica, displayStatus ?? replica.displayStatus, statusAt);
    }
    replica.omitsRoutingFlag = omitRoutingFlag ?? replica.omitsRoutingFlag;
  }

  /** The next long-running writes of a replication fail, and take back what they did. */
  failUpdates(registry: string, region: string, times = 1): void {
    const failure = { code: 'ReplicationUpdateFailed', message: 'The replication could not be updated.' };
    this.replicaAt(registry, region).failures.push(...Array.from({ length: times }, () => failure));
  }

  /** Adds a replica; what the registry holds comes bit by bit, unannounced. */
  addReplica(registry: string, region: string, options: NewReplicaSpec = {}): void {
    const owner = this.known(registry);
    const { replications, copies, clock, lifetime } = this.parts;
    const { name = regionOf(region), by = somebody, seedsForMs } = options;
    if (replicaIn(owner, regionOf(region))?.hasReplication === true) {
      throw new RangeError(`the registry ${registry} has a replica in ${region} already`);
    }
    const replica = replications.add(owner, name, regionOf(region), by);
    if (seedsForMs !== undefined) replications.startSeeding(replica);
    copies.seed(owner, replica);
    if (seedsForMs !== undefined && Number.isFinite(seedsForMs)) {
      after(clock, seedsForMs, lifetime, () => this.endSeeding(replica));
    }
  }

  /** Everything that waited for a replica that is seeded arrives at once, and its status says that it is well. */
  finishSeeding(registry: string, region: string): void {
    this.endSeeding(this.replicaAt(registry, region));
  }

  /** Removes a replica; in the home region only the replication resource, because that region goes on serving. */
  removeReplica(registry: string, region: string): void {
    this.parts.replications.remove(this.known(registry), this.replicaAt(registry, region));
  }

  /** Lets reads of Resource Manager lie: they do not show a replication that exists. */
  hide(registry: string, region: string, hiding: HidingSpec): void {
    this.replicaAt(registry, region).hidings.add(hiding, this.parts.clock.now());
  }

  /** Reads of Resource Manager show a replication again. */
  show(registry: string, region: string): void {
    this.replicaAt(registry, region).hidings.end();
  }

  /** Lets the list of replications show what is true now, whatever happens to them later. */
  freezeList(registry: string): void {
    const frozen = new SortedMap<JsonObject>();
    const owner = this.known(registry);
    for (const [key, replica] of owner.replicas.entriesAfter()) {
      if (replica.hasReplication) frozen.set(key, renderReplica(replica));
    }
    owner.staleList = frozen;
  }

  thawList(registry: string): void {
    this.known(registry).staleList = undefined;
  }

  /** @param reference A repository with a tag or a digest: `team/app:v1` or `team/app@sha256:…`. */
  holds(registry: string, region: string, reference: string): boolean {
    return this.resolve(registry, region, reference) !== undefined;
  }

  /** The digest that a reference leads to in a replica; undefined when it is not there. */
  resolve(registry: string, region: string, reference: string): string | undefined {
    const [, repository = reference, digest, tag = 'latest'] =
      /^([^@:]+)(?:@(.+)|:(.+))?$/.exec(reference) ?? [];
    return this.replicaAt(registry, region).content.find(repository, digest ?? tag)?.digest;
  }

  replica(registry: string, region: string): ReplicaView {
    return viewOf(this.replicaAt(registry, region));
  }

  /** All replicas, in the order of their names; a home region without a replication resource is among them. */
  replicas(registry: string): ReplicaView[] {
    return [...this.known(registry).replicas].map(viewOf);
  }

  /** Creates or replaces a native webhook of the replica in `region`. */
  putWebhook(registry: string, name: string, region: string, content: WebhookContent): void {
    const { id: registryId, webhooks } = this.known(registry);
    const key = name.toLowerCase();
    const place = { registryId, name, region: this.replicaAt(registry, region).region };
    const before = webhooks.get(key)?.system;
    const written = { by: somebody, now: this.parts.clock.now(), before };
    webhooks.set(key, newWebhook(place, content, written));
  }

  /** Changes how registries behave from now on. */
  change(behaviour: Partial<RegistryBehaviour>): void {
    this.parts.change(behaviour);
  }

  /** Runs when a push or deletion has taken effect in a replica. Returns how to remove it. */
  onArrival(listener: (arrival: Arrival) => void): () => void {
    return this.parts.copies.onArrival(listener);
  }

  /** Runs after every native webhook that was sent. Returns how to remove it. */
  onWebhook(listener: (report: WebhookReport) => void): () => void {
    return this.parts.deliveries.onSent(listener);
  }

  /**
   * Resolves when no copy is on its way and no webhook is due or under way; what waits for a stalled replica
   * is left aside, and so are deliveries of Event Grid.
   * @param options `dueWithinMs`: leaves aside what is due later than so many milliseconds of the clock from now.
   */
  idle(options: { readonly dueWithinMs?: number } = {}): Promise<void> {
    return this.parts.pending.idle(options.dueWithinMs ?? Number.POSITIVE_INFINITY);
  }

  private endSeeding(replica: Replica): void {
    this.parts.replications.endSeeding(replica);
    if (!replica.isStalled) this.parts.copies.catchUp(replica);
  }

  private known(reference: string): Registry {
    const registry = this.parts.registries.find(reference);
    if (registry === undefined) throw new RangeError(`there is no registry ${reference}`);
    return registry;
  }

  private replicaAt(registry: string, region: string): Replica {
    const replica = replicaIn(this.known(registry), regionOf(region));
    if (replica === undefined) throw new RangeError(`the registry ${registry} has no replica in ${region}`);
    return replica;
  }
}
