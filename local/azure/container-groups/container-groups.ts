import type { ActivitySink } from '../arm/activity.ts';
import { ArmError } from '../arm/arm-error.ts';
import type { ResourceGroup } from '../arm/resource-groups.ts';
import { after, type Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import type { AddressPool } from './address-pool.ts';
import type { ContainerGroupBehaviour } from './behaviour.ts';
import { type ContainerGroup, containerGroupType } from './container-group.ts';

interface ContainerGroupsParts {
  readonly clock: Clock;
  readonly lifetime: AbortSignal;
  readonly behaviour: ContainerGroupBehaviour;
  readonly activity: ActivitySink;
}

/** Whether a change is asynchronous, as at Resource Manager, or complete at once; and its address. */
export interface ChangeOptions {
  readonly asynchronous?: boolean;
  /** The address to come up on; by default as the behaviour says. */
  readonly address?: string | undefined;
}

export interface ContainerGroupContent {
  readonly location: string;
  readonly tags: unknown;
  readonly extra: JsonObject;
  readonly properties: JsonObject;
  readonly pool: AddressPool | undefined;
}

/** All container groups and the changes that can happen to them. */
export class ContainerGroups {
  private readonly parts: ContainerGroupsParts;
  private readonly byKey = new Map<string, ContainerGroup>();
  private readonly byScope = new Map<string, SortedMap<ContainerGroup>>();

  constructor(parts: ContainerGroupsParts) {
    this.parts = parts;
  }

  find(id: string): ContainerGroup | undefined {
    return this.byKey.get(id.toLowerCase());
  }

  /** The groups of `/subscriptions/S` or `/subscriptions/S/resourceGroups/RG`, in order of their ids. */
  within(scope: string): SortedMap<ContainerGroup> | undefined {
    return this.byScope.get(scope.toLowerCase());
  }

  /** Creates a group or replaces its content, as PUT does. */
  put(
    owner: ResourceGroup,
    name: string,
    content: ContainerGroupContent,
    options: ChangeOptions = {},
  ): ContainerGroup {
    const id = `/subscriptions/${owner.subscriptionId}/resourceGroups/${owner.name}/providers/${containerGroupType}/${name}`;
    const existing = this.find(id);
    if (existing === undefined) {
      const group: ContainerGroup = {
        id,
        subscriptionId: owner.subscriptionId,
        resourceGroup: owner.name,
        name,
        ...content,
        address: undefined,
        state: 'Pending',
        provisioningState: 'Pending',
        restartCount: 0,
        startedAt: 0,
        transition: 0,
      };
      this.byKey.set(id.toLowerCase(), group);
      for (const scope of scopesOf(group)) this.scope(scope).set(id.toLowerCase(), group);
      this.comeUp(group, 'write', 'PUT', { ...options, renew: false });
      return group;
    }
    if (content.pool !== existing.pool) this.setAddress(existing, undefined);
    const { location, tags, extra, properties, pool } = content;
    Object.assign(existing, { location, tags, extra, properties, pool });
    this.comeUp(existing, 'write', 'PUT', { ...options, renew: this.parts.behaviour.newAddressOn.update });
    return existing;
  }

  restart(group: ContainerGroup, options: ChangeOptions = {}): void {
    if (group.state === 'Stopped') {
      throw new ArmError(
        409,
        'ContainerGroupStopped',
        `The container group '${group.name}' is stopped and cannot be restarted.`,
      );
    }
    group.restartCount += 1;
    this.comeUp(group, 'restart', 'POST', { ...options, renew: this.parts.behaviour.newAddressOn.restart });
  }

  start(group: ContainerGroup, options: ChangeOptions = {}): void {
    if (group.state === 'Running' && options.address === undefined) return;
    this.comeUp(group, 'start', 'POST', { ...options, renew: this.parts.behaviour.newAddressOn.start });
  }

  stop(group: ContainerGroup): void {
    group.transition += 1;
    group.state = 'Stopped';
    // A stopped group counts as provisioned.
    group.provisioningState = 'Succeeded';
    if (!this.parts.behaviour.stopKeepsAddress) this.setAddress(group, undefined);
    this.report(group, 'stop', 'POST');
  }

  delete(group: ContainerGroup): void {
    group.transition += 1;
    this.setAddress(group, undefined);
    const key = group.id.toLowerCase();
    this.byKey.delete(key);
    for (const scope of scopesOf(group)) this.byScope.get(scope)?.delete(key);
    this.report(group, 'delete', 'DELETE');
  }

  /** Deletes what a resource group holds. */
  deleteAll(scope: string): void {
    for (const group of [...(this.within(scope) ?? [])]) this.delete(group);
  }

  /**
   * Gives a group an address, or none, without an event and without any other change, as when the platform moves it.
   */
  setAddress(group: ContainerGroup, address: string | undefined): void {
    if (address !== undefined) group.pool?.take(address);
    if (group.address !== undefined) group.pool?.release(group.address);
    group.address = address;
  }

  /** Gives a group another free address. */
  move(group: ContainerGroup): void {
    const address = group.pool?.allocate();
    if (group.address !== undefined) group.pool?.release(group.address);
    group.address = address;
  }

  private comeUp(
    group: ContainerGroup,
    event: 'write' | 'start' | 'restart',
    method: string,
    options: ChangeOptions & { readonly renew: boolean },
  ): void {
    const { behaviour, clock, lifetime } = this.parts;
    const asynchronous = options.asynchronous === true;
    group.transition += 1;
    const transition = group.transition;
    const goOn = (effect: () => void) => () => {
      if (group.transition === transition) effect();
    };
    if (asynchronous) {
      group.provisioningState = 'Pending';
      group.state = 'Pending';
      if (!behaviour.restartShowsOldAddress && options.renew) this.setAddress(group, undefined);
      if (behaviour.eventAt === 'acceptance') this.report(group, event, method);
    }
    const showAddress = goOn(() => {
      if (options.address !== undefined) this.setAddress(group, options.address);
      else if (options.renew || group.address === undefined) this.move(group);
    });
    const succeed = goOn(() => {
      group.provisioningState = 'Succeeded';
      group.state = 'Running';
      group.startedAt = clock.now();
    });
    const run = () => {
      succeed();
      // An action that a later one overtook took place all the same, so its event is raised.
      if (!asynchronous || behaviour.eventAt === 'completion') this.report(group, event, method);
    };
    after(clock, asynchronous ? behaviour.addressAfterMs : 0, lifetime, showAddress);
    after(
      clock,
      asynchronous ? Math.max(behaviour.addressAfterMs, behaviour.runningAfterMs) : 0,
      lifetime,
      run,
    );
  }

  private report(
    group: ContainerGroup,
    event: 'write' | 'delete' | 'start' | 'stop' | 'restart',
    httpMethod: string,
  ): void {
    const plain = event === 'write' || event === 'delete';
    this.parts.activity({
      verb: plain ? event : 'action',
      operationName: `${containerGroupType}/${event}${plain ? '' : '/action'}`,
      resourceId: group.id,
      subscriptionId: group.subscriptionId,
      resourceGroup: group.resourceGroup,
      httpMethod,
    });
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
