import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { JsonObject } from '../json.ts';
import type { ContainerGroupBehaviour } from './behaviour.ts';
import { type ContainerGroup, renderContainerGroup } from './container-group.ts';
import type { ContainerGroupStore } from './container-group-store.ts';
import type { ChangeOptions, ContainerGroups, GroupCondition } from './container-groups.ts';
import type { Subnets } from './subnets.ts';

/** What `create` needs to know; everything else has a plausible default. */
interface ContainerGroupSpec extends ChangeOptions {
  readonly resourceGroup: string;
  readonly name: string;
  readonly subscriptionId?: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly image?: string;
  /** `Private` in a subnet (default), `Public`, or `None`: without any address. */
  readonly type?: 'Private' | 'Public' | 'None';
  readonly subnetId?: string;
  /** ARM id of a network profile, as groups of the old kind have instead of `subnetIds`. */
  readonly networkProfileId?: string;
}

/** How the containers of a group end by themselves. */
interface GroupEnd {
  readonly state: 'Succeeded' | 'Failed';
  /** 0 or 1 by default, as the state says. */
  readonly exitCode?: number;
  /** Whether the group still shows its address; by default as the behaviour says. */
  readonly keepsAddress?: boolean;
}

/**
 * Container groups as a test or scenario handles them: no HTTP request, no entry in the request log, and
 * over at once unless `asynchronous` is asked for. Changes raise the events that the same change raises at
 * Resource Manager, except where said. An `id` is an ARM id in any casing; an unknown one throws.
 */
export class ContainerGroupControl {
  private readonly store: ContainerGroupStore;
  private readonly groups: ContainerGroups;
  private readonly resourceGroups: ResourceGroups;
  private readonly subnets: Subnets;
  private readonly behaviour: ContainerGroupBehaviour;
  private readonly subscriptionId: string;

  constructor(parts: {
    store: ContainerGroupStore;
    groups: ContainerGroups;
    resourceGroups: ResourceGroups;
    subnets: Subnets;
    behaviour: ContainerGroupBehaviour;
    subscriptionId: string;
  }) {
    this.store = parts.store;
    this.groups = parts.groups;
    this.resourceGroups = parts.resourceGroups;
    this.subnets = parts.subnets;
    this.behaviour = parts.behaviour;
    this.subscriptionId = parts.subscriptionId;
  }

  /** The ARM id of a group in the default subscription, whether it exists or not. */
  id(resourceGroup: string, name: string): string {
    return `/subscriptions/${this.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
  }

  /** Creates a group (or replaces it, like PUT) and returns its id. */
  create(spec: ContainerGroupSpec): string {
    const owner = this.resourceGroups.ensure(spec.subscriptionId ?? this.subscriptionId, spec.resourceGroup);
    const type = spec.type ?? 'Private';
    const subnet =
      spec.subnetId === undefined
        ? this.subnets.ofResourceGroup(owner.subscriptionId, owner.name)
        : this.subnets.withId(spec.subnetId);
    const pool = { Private: subnet, Public: this.subnets.publicPool, None: undefined }[type];
    const ports = [{ port: 80, protocol: 'TCP' }];
    const content = {
      location: spec.location ?? 'westeurope',
      tags: spec.tags,
      extra: {},
      pool,
      properties: {
        containers: [
          {
            name: spec.name.toLowerCase(),
            properties: {
              image: spec.image ?? 'nginx',
              ports: [{ port: 80 }],
              resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
            },
          },
        ],
        osType: 'Linux',
        ...(type === 'None' ? {} : { ipAddress: { type, ports } }),
        ...(type === 'Private' ? networkOf(subnet.subnetId, spec.networkProfileId) : {}),
      },
    };
    return this.groups.put(owner, spec.name, content, spec).id;
  }

  restart(id: string, options?: ChangeOptions): void {
    this.groups.restart(this.known(id), options);
  }

  stop(id: string): void {
    this.groups.stop(this.known(id));
  }

  start(id: string, options?: ChangeOptions): void {
    this.groups.start(this.known(id), options);
  }

  delete(id: string): void {
    this.groups.delete(this.known(id));
  }

  /** The containers end by themselves, without an event: the group is finished. */
  finish(id: string, { state, exitCode, keepsAddress }: GroupEnd): void {
    this.groups.finish(this.known(id), {
      state,
      exitCode: exitCode ?? (state === 'Failed' ? 1 : 0),
      keepsAddress: keepsAddress ?? this.behaviour.finishKeepsAddress,
    });
  }

  /** Replaces the tags, with the event of a write. */
  tag(id: string, tags: Readonly<Record<string, string>>): void {
    this.groups.tag(this.known(id), tags);
  }

  /** The platform moves the group to `address`, or to any other free one; without an event. Returns the new address. */
  move(id: string, address?: string): string | undefined {
    const group = this.known(id);
    if (address === undefined) this.groups.move(group);
    else this.groups.setAddress(group, address);
    return group.address;
  }

  /** Two groups trade addresses, without an event. */
  swap(first: string, second: string): void {
    const [one, two] = [this.known(first), this.known(second)];
    const [addressOfOne, addressOfTwo] = [one.address, two.address];
    this.groups.setAddress(one, addressOfTwo);
    this.groups.setAddress(two, addressOfOne);
  }

  /**
   * Puts a group into any condition, without an event; `address: undefined` takes its address away. `addressView` hides
   * the address until it is `shown` again.
   */
  set(id: string, condition: GroupCondition): void {
    this.groups.change(this.known(id), condition);
  }

  /** The address that the group has, hidden or not; undefined for an absent group or one without. */
  address(id: string): string | undefined {
    return this.store.find(id)?.address;
  }

  /** The group as GET answers it; undefined for an absent one. */
  get(id: string): JsonObject | undefined {
    const group = this.store.find(id);
    return group === undefined ? undefined : renderContainerGroup(group, { instanceView: true });
  }

  /** Ids and addresses of all groups of the default subscription or of one of its resource groups. */
  list(
    resourceGroup?: string,
  ): { readonly id: string; readonly name: string; readonly address: string | undefined }[] {
    const scope = `/subscriptions/${this.subscriptionId}${resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`}`;
    return [...(this.store.within(scope) ?? [])].map(({ id, name, address }) => ({ id, name, address }));
  }

  private known(id: string): ContainerGroup {
    const group = this.store.find(id);
    if (group === undefined) throw new RangeError(`there is no container group ${id}`);
    return group;
  }
}

const networkOf = (subnetId: string, networkProfileId: string | undefined): JsonObject =>
  networkProfileId === undefined
    ? { subnetIds: [{ id: subnetId }] }
    : { networkProfile: { id: networkProfileId } };
