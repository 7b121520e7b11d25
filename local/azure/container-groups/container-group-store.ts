import { History } from '../arm/history.ts';
import type { StaleReads } from '../arm/stale-reads.ts';
import { SortedMap } from '../sorted-map.ts';
import type { ContainerGroup } from './container-group.ts';

/** Container groups by id and by scope, and what reads see of them. */
export class ContainerGroupStore {
  private readonly byKey = new Map<string, ContainerGroup>();
  private readonly byScope = new Map<string, SortedMap<ContainerGroup>>();
  private readonly history: History<ContainerGroup>;

  constructor(staleReads: StaleReads) {
    this.history = new History({ staleReads, resources: 'containerGroups', idOf: (key) => key });
  }

  find(id: string): ContainerGroup | undefined {
    return this.byKey.get(id.toLowerCase());
  }

  /** The groups of `/subscriptions/S` or `/subscriptions/S/resourceGroups/RG`, in order of their ids. */
  within(scope: string): SortedMap<ContainerGroup> | undefined {
    return this.byScope.get(scope.toLowerCase());
  }

  /** What a GET of a group sees, which may be out of date. */
  seen(id: string): ContainerGroup | undefined {
    return this.history.seen('get', id.toLowerCase(), this.find(id));
  }

  /** What a list of the groups within a scope sees, which may be out of date. */
  seenWithin(scope: string): SortedMap<ContainerGroup> {
    const prefix = `${scope.toLowerCase()}/`;
    return this.history.list(this.within(scope) ?? new SortedMap(), (key) => key.startsWith(prefix));
  }

  add(group: ContainerGroup): void {
    const key = group.id.toLowerCase();
    this.byKey.set(key, group);
    for (const scope of scopesOf(group)) this.scope(scope).set(key, group);
  }

  remove(group: ContainerGroup): void {
    const key = group.id.toLowerCase();
    this.byKey.delete(key);
    for (const scope of scopesOf(group)) this.byScope.get(scope)?.delete(key);
    this.history.record(key, undefined);
  }

  /** Remembers what a group is like after a write, for reads that are out of date. */
  record(group: ContainerGroup): void {
    this.history.record(group.id.toLowerCase(), { ...group });
  }

  private scope(scope: string): SortedMap<ContainerGroup> {
    const found = this.byScope.get(scope);
    if (found !== undefined) return found;
    const created = new SortedMap<ContainerGroup>();
    this.byScope.set(scope, created);
    return created;
  }
}

function scopesOf(group: ContainerGroup): string[] {
  const subscription = `/subscriptions/${group.subscriptionId}`.toLowerCase();
  return [subscription, `${subscription}/resourcegroups/${group.resourceGroup.toLowerCase()}`];
}
