import type { ResourceGroup } from '../arm/resource-groups.ts';
import { SortedMap } from '../sorted-map.ts';
import { type Registry, registryType } from './registry.ts';
import { writtenBy } from './system-data.ts';

/** All registries. Their names are unique in all of Azure, because they are host names. */
export class Registries {
  private readonly byName = new SortedMap<Registry>();
  private readonly byScope = new Map<string, SortedMap<Registry>>();

  named(name: string): Registry | undefined {
    return this.byName.get(name.toLowerCase());
  }

  get all(): Iterable<Registry> {
    return this.byName;
  }

  /** The registries of `/subscriptions/S` or `/subscriptions/S/resourceGroups/RG`, in order of their names. */
  within(scope: string): SortedMap<Registry> | undefined {
    return this.byScope.get(scope.toLowerCase());
  }

  /** Adds a registry without replicas; the name must be free. */
  add(owner: ResourceGroup, name: string, home: string, by: string, now: number): Registry {
    const { subscriptionId, name: resourceGroup } = owner;
    const registry: Registry = {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${registryType}/${name}`,
      subscriptionId,
      resourceGroup,
      name,
      home,
      createdAt: now,
      system: writtenBy(by, now),
      replicas: new SortedMap(),
      webhooks: new SortedMap(),
      pushes: new Map(),
      staleList: undefined,
    };
    const key = name.toLowerCase();
    this.byName.set(key, registry);
    for (const scope of scopesOf(registry)) {
      const registries = this.byScope.get(scope) ?? new SortedMap<Registry>();
      registries.set(key, registry);
      this.byScope.set(scope, registries);
    }
    return registry;
  }

  delete(registry: Registry): void {
    const key = registry.name.toLowerCase();
    this.byName.delete(key);
    for (const scope of scopesOf(registry)) this.byScope.get(scope)?.delete(key);
    // What is still on its way to a replica finds it gone.
    for (const { name } of [...registry.replicas]) registry.replicas.delete(name.toLowerCase());
  }
}

function scopesOf({ subscriptionId, resourceGroup }: Registry): string[] {
  const subscription = `/subscriptions/${subscriptionId}`.toLowerCase();
  return [subscription, `${subscription}/resourcegroups/${resourceGroup.toLowerCase()}`];
}
