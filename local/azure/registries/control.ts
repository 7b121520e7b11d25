import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { Clock } from '../clock.ts';
import { type Availability, available } from './availability.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { Copies } from './copies.ts';
import type { EndpointConditions } from './endpoint-condition.ts';
import { endpointControl } from './endpoint-control.ts';
import { imageControl } from './image-control.ts';
import type { Images } from './images.ts';
import { registryLookup } from './lookup.ts';
import { NoticeControl } from './notice-control.ts';
import type { PendingWork } from './pending-work.ts';
import { type Registries, regionOf, registryIdIn } from './registry.ts';
import { replicaControl } from './replica-control.ts';
import type { Replications } from './replications.ts';
import type { SecureEndpoints } from './secure-endpoints.ts';
import { somebody } from './system-data.ts';
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

interface ControlOptions {
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
}

/**
 * Registries as a test or scenario handles them: no HTTP request and no entry in the request log. A registry goes by
 * its name, login server, first label of one, or ARM id; it and a region are compared without case. An unknown one
 * throws a RangeError, and so does the name of several registries.
 */
export type RegistryControl = ReturnType<typeof registryControl>;

export function registryControl(options: ControlOptions) {
  const { clock, registries, replications, resourceGroups, owner, deliveries, pending, change } = options;
  const lookup = registryLookup(registries);
  const { known, replicaAt } = lookup;
  const notices = new NoticeControl(replicaAt);
  return {
    ...imageControl({ ...options, lookup }),
    ...replicaControl({ ...options, lookup }),
    ...endpointControl({ ...options, lookup }),
    /** What becomes of the notices of a region. */
    notices,
    /** Changes what Azure Resource Health says of a registry. */
    setAvailability(registry: string, availability: Partial<Availability>): void {
      known(registry).availability = { ...available, ...availability };
    },

    /** Changes how registries behave from now on. */
    change,

    /**
     * Creates a registry, or replaces one with all that it holds, and returns its ARM id.
     * @throws RangeError for a name that Azure refuses, or a login server that another registry has.
     */
    create(spec: RegistrySpec): string {
      const { name, labelHash, replicas = [], hasHomeReplication = true } = spec;
      const { subscriptionId = owner.subscriptionId, resourceGroup = owner.resourceGroup } = spec;
      const group = resourceGroups.ensure(subscriptionId, resourceGroup);
      const existing = registries.find(registryIdIn(group, name));
      if (existing !== undefined) registries.delete(existing);
      const home = regionOf(spec.home);
      const registry = registries.add({
        owner: group,
        name,
        labelHash,
        home,
        by: somebody,
        now: clock.now(),
      });
      for (const region of new Set([home, ...replicas.map(regionOf)])) {
        const replica = replications.add(registry, region, region, somebody);
        if (region === home) replica.hasReplication = hasHomeReplication;
      }
      return registry.id;
    },

    /** The ARM id of a registry; of one in the sample resource group when there is none of that name. */
    id(registry: string): string {
      const { subscriptionId, resourceGroup: name } = owner;
      return registries.find(registry)?.id ?? registryIdIn({ subscriptionId, name }, registry);
    },

    /** Such as `myregistry.azurecr.io`. */
    loginServer(registry: string): string {
      return known(registry).loginServer;
    },

    /** Creates or replaces a native webhook of the replica in `region`. */
    putWebhook(registry: string, name: string, region: string, content: WebhookContent): void {
      const { id: registryId, webhooks } = known(registry);
      const key = name.toLowerCase();
      const place = { registryId, name, region: replicaAt(registry, region).region };
      const before = webhooks.get(key)?.system;
      const written = { by: somebody, now: clock.now(), before };
      webhooks.set(key, newWebhook(place, content, written));
    },

    /** The next native webhooks of a replica are never sent. */
    loseWebhooks(registry: string, region: string, times: number): void {
      notices.lose(registry, region, times, { of: 'webhooks' });
    },

    /** Runs after every native webhook that was sent. Returns how to remove it. */
    onWebhook(listener: (report: WebhookReport) => void): () => void {
      return deliveries.onSent(listener);
    },

    /**
     * Resolves when no copy is on its way and no webhook is due or under way; what waits for a stalled replica
     * is left aside, and so are deliveries of Event Grid.
     * @param options `dueWithinMs`: leaves aside what is due later than so many milliseconds of the clock from now.
     */
    idle(options: { readonly dueWithinMs?: number } = {}): Promise<void> {
      return pending.idle(options.dueWithinMs ?? Number.POSITIVE_INFINITY);
    },
  };
}
