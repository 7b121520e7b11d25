import type { ActivitySink } from '../arm/activity.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { Operation } from '../arm/operation.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { StaleReads } from '../arm/stale-reads.ts';
import type { Clock } from '../clock.ts';
import { type ContainerGroupBehaviour, defaultContainerGroupBehaviour } from './behaviour.ts';
import { ContainerGroupStore } from './container-group-store.ts';
import { ContainerGroups } from './container-groups.ts';
import { ContainerGroupControl } from './control.ts';
import { containerGroupOperations } from './operations.ts';
import { type SubnetOptions, Subnets } from './subnets.ts';

interface ContainerGroupServiceParts {
  readonly clock: Clock;
  readonly lifetime: AbortSignal;
  readonly running: LongRunningOperations;
  readonly resourceGroups: ResourceGroups;
  readonly staleReads: StaleReads;
  readonly activity: ActivitySink;
  readonly behaviour: Partial<ContainerGroupBehaviour> | undefined;
  readonly subnets: readonly SubnetOptions[];
  /** The subscription of groups that name none. */
  readonly subscriptionId: string;
}

interface ContainerGroupService {
  readonly control: ContainerGroupControl;
  readonly operations: readonly Operation[];
}

/** Container groups: their resources, their addresses, and their changes over time. */
export function containerGroupService(parts: ContainerGroupServiceParts): ContainerGroupService {
  const { clock, lifetime, running, resourceGroups, staleReads, activity, subscriptionId } = parts;
  const behaviour = { ...defaultContainerGroupBehaviour, ...parts.behaviour };
  const subnets = new Subnets(parts.subnets, subscriptionId);
  const store = new ContainerGroupStore(staleReads);
  const groups = new ContainerGroups({ clock, lifetime, behaviour, store, activity });
  resourceGroups.onDelete.push(({ subscriptionId: owner, name }) => {
    groups.deleteAll(`/subscriptions/${owner}/resourceGroups/${name}`);
  });
  return {
    control: new ContainerGroupControl({ store, groups, resourceGroups, subnets, behaviour, subscriptionId }),
    operations: containerGroupOperations({ store, groups, resourceGroups, subnets, running, behaviour }),
  };
}
