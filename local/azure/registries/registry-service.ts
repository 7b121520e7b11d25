import type { ActivitySink } from '../arm/activity.ts';
import type { Faults } from '../arm/faults.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { Operation } from '../arm/operation.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { Clock } from '../clock.ts';
import type { EventGrid } from '../event-grid/event-grid.ts';
import type { ManagedIdentity } from '../identity.ts';
import { seededRandom } from '../random.ts';
import { defaultRegistryBehaviour, type RegistryBehaviour } from './behaviour.ts';
import { type RegistryControl, registryControl } from './control.ts';
import { Copies } from './copies.ts';
import { DataHost } from './data-host.ts';
import { EndpointConditions } from './endpoint-condition.ts';
import { endpointOperations } from './endpoint-operations.ts';
import { EndpointTokens } from './endpoint-tokens.ts';
import { Images } from './images.ts';
import { registryOperations } from './operations.ts';
import { PendingWork } from './pending-work.ts';
import { Registries } from './registry.ts';
import { Replications } from './replications.ts';
import { SecureEndpoints, type ServeSecurely } from './secure-endpoints.ts';
import { WebhookDeliveries } from './webhook-deliveries.ts';

interface RegistryServiceParts {
  readonly clock: Clock;
  readonly lifetime: AbortSignal;
  readonly running: LongRunningOperations;
  readonly resourceGroups: ResourceGroups;
  readonly eventGrid: EventGrid;
  readonly faults: Faults;
  readonly activity: ActivitySink;
  readonly behaviour: Partial<RegistryBehaviour> | undefined;
  /** Seed of digests, delays and duplicates. */
  readonly seed: number;
  /** The resource group that `create` puts a registry into. */
  readonly owner: { readonly subscriptionId: string; readonly resourceGroup: string };
  /** Base URL of the simulator, once it is known. */
  readonly base: () => string;
  /** Base URL of the data host, of a scheme such as `http:`. */
  readonly dataBase: (scheme: string) => string;
  readonly identity: ManagedIdentity;
  /** Serves endpoints over https, where that is wanted. */
  readonly serveSecurely: ServeSecurely | undefined;
}

interface RegistryService {
  readonly control: RegistryControl;
  readonly operations: readonly Operation[];
}

/** Container registries: their resources, their images on the way between replicas, their endpoints. */
export function registryService(parts: RegistryServiceParts): RegistryService {
  const { clock, lifetime, running, resourceGroups, eventGrid, faults, owner, base } = parts;
  let current = { ...defaultRegistryBehaviour, ...parts.behaviour };
  const behaviour = () => current;
  const seeds = seededRandom(parts.seed);
  const nextRandom = () => seededRandom(Math.floor(seeds() * 2 ** 32));
  const [digests, delays, webhooks, noise] = [nextRandom(), nextRandom(), nextRandom(), nextRandom()];

  const registries = new Registries();
  const data = new DataHost({ clock, registries });
  const pending = new PendingWork(clock, lifetime);
  const deliveries = new WebhookDeliveries({ clock, lifetime, pending, random: webhooks, behaviour });
  const copies = new Copies({ clock, pending, eventGrid, deliveries, random: delays, noise, behaviour });
  const images = new Images({ clock, copies, random: digests, noise });
  const replications = new Replications({ clock, lifetime, running, behaviour });
  resourceGroups.onDelete.push((group) => {
    for (const registry of registries.within(group)) registries.delete(registry);
  });
  const control = registryControl({
    clock,
    lifetime,
    registries,
    replications,
    images,
    copies,
    deliveries,
    pending,
    resourceGroups,
    owner,
    base,
    conditions: new EndpointConditions(faults),
    secure: parts.serveSecurely && new SecureEndpoints(registries, parts.serveSecurely),
    change: (changed) => {
      current = { ...current, ...changed };
    },
  });
  return {
    control,
    operations: [
      ...registryOperations({
        clock,
        registries,
        resourceGroups,
        replications,
        running,
        behaviour,
        activity: parts.activity,
      }),
      ...endpointOperations({
        registries,
        data,
        dataBase: parts.dataBase,
        tokens: new EndpointTokens(clock),
        identity: parts.identity,
        behaviour,
      }),
      ...data.operations,
    ],
  };
}
