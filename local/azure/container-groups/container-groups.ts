import type { ActivitySink } from '../arm/activity.ts';
import { ArmError } from '../arm/arm-error.ts';
import type { ResourceGroup } from '../arm/resource-groups.ts';
import { after, type Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { AddressPool } from './address-pool.ts';
import type { ContainerGroupBehaviour } from './behaviour.ts';
import {
  type AddressView,
  type ContainerGroup,
  containerGroupType,
  type GroupState,
  type ProvisioningState,
} from './container-group.ts';
import type { ContainerGroupStore } from './container-group-store.ts';

interface ContainerGroupsParts {
  readonly clock: Clock;
  readonly lifetime: AbortSignal;
  readonly behaviour: ContainerGroupBehaviour;
  readonly store: ContainerGroupStore;
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

/** A condition that a group is put into; the members left out stay as they are. */
export interface GroupCondition {
  readonly state?: GroupState;
  readonly provisioningState?: ProvisioningState;
  /** Undefined takes its address away. */
  readonly address?: string | undefined;
  readonly addressView?: AddressView;
  readonly tags?: unknown;
}

/** The changes that can happen to container groups. */
export class ContainerGroups {
  private readonly parts: ContainerGroupsParts;

  constructor(parts: ContainerGroupsParts) {
    this.parts = parts;
  }

  /** Creates a group or replaces its content, as PUT does. */
  put(
    owner: ResourceGroup,
    name: string,
    content: ContainerGroupContent,
    options: ChangeOptions = {},
  ): ContainerGroup {
    const id = `/subscriptions/${owner.subscriptionId}/resourceGroups/${owner.name}/providers/${containerGroupType}/${name}`;
    const existing = this.parts.store.find(id);
    if (existing === undefined) {
      const group: ContainerGroup = {
        id,
        subscriptionId: owner.subscriptionId,
        resourceGroup: owner.name,
        name,
        ...content,
        address: undefined,
        addressView: 'shown',
        state: 'Pending',
        provisioningState: 'Pending',
        restartCount: 0,
        startedAt: 0,
        end: undefined,
        transition: 0,
      };
      this.parts.store.add(group);
      this.comeUp(group, 'write', 'PUT', { ...options, renew: false });
      return group;
    }
    if (content.pool !== existing.pool) place(existing, undefined);
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
    if (!this.parts.behaviour.stopKeepsAddress) place(group, undefined);
    this.parts.store.record(group);
    this.report(group, 'stop', 'POST');
  }

  /** The containers end by themselves, well or not, which is no change at Resource Manager: nothing is reported. */
  finish(
    group: ContainerGroup,
    end: {
      readonly state: 'Succeeded' | 'Failed';
      readonly exitCode: number;
      readonly keepsAddress: boolean;
    },
  ): void {
    group.transition += 1;
    group.state = end.state;
    group.provisioningState = 'Succeeded';
    group.end = { at: this.parts.clock.now(), exitCode: end.exitCode };
    if (!end.keepsAddress) place(group, undefined);
    this.parts.store.record(group);
  }

  /** Replaces the tags, as PATCH does; the group goes on running. */
  tag(group: ContainerGroup, tags: unknown): void {
    group.tags = tags;
    this.parts.store.record(group);
    this.report(group, 'write', 'PATCH');
  }

  /** Puts a group into any condition, without an event. */
  change(group: ContainerGroup, condition: GroupCondition): void {
    group.transition += 1;
    group.state = condition.state ?? group.state;
    group.provisioningState = condition.provisioningState ?? group.provisioningState;
    group.addressView = condition.addressView ?? group.addressView;
    if ('tags' in condition) group.tags = condition.tags;
    if ('address' in condition) place(group, condition.address);
    this.parts.store.record(group);
  }

  delete(group: ContainerGroup): void {
    group.transition += 1;
    place(group, undefined);
    this.parts.store.remove(group);
    this.report(group, 'delete', 'DELETE');
  }

  /** Deletes what a resource group holds. */
  deleteAll(scope: string): void {
    for (const group of [...(this.parts.store.within(scope) ?? [])]) this.delete(group);
  }

  /**
   * Gives a group an address, or none, without an event and without any other change, as when the platform moves it.
   */
  setAddress(group: ContainerGroup, address: string | undefined): void {
    place(group, address);
    this.parts.store.record(group);
  }

  /** Gives a group another free address. */
  move(group: ContainerGroup): void {
    placeAnywhere(group);
    this.parts.store.record(group);
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
      if (group.transition !== transition) return;
      effect();
      if (asynchronous) this.parts.store.record(group);
    };
    group.end = undefined;
    if (asynchronous) {
      group.provisioningState = 'Pending';
      group.state = 'Pending';
      if (!behaviour.restartShowsOldAddress && options.renew) place(group, undefined);
      if (behaviour.eventAt === 'acceptance') this.report(group, event, method);
    }
    const showAddress = goOn(() => {
      if (options.address !== undefined) place(group, options.address);
      else if (options.renew || group.address === undefined) placeAnywhere(group);
    });
    const succeed = goOn(() => {
      group.provisioningState = 'Succeeded';
      group.state = 'Running';
      group.startedAt = clock.now();
    });
    if (asynchronous) this.parts.store.record(group);
    const run = () => {
      succeed();
      // A change that is over at once is one write, whatever its steps are.
      if (!asynchronous) this.parts.store.record(group);
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
}

function place(group: ContainerGroup, address: string | undefined): void {
  if (address !== undefined) group.pool?.take(address);
  if (group.address !== undefined) group.pool?.release(group.address);
  group.address = address;
}

function placeAnywhere(group: ContainerGroup): void {
  const address = group.pool?.allocate();
  if (group.address !== undefined) group.pool?.release(group.address);
  group.address = address;
}
