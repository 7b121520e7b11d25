import type { JsonObject } from '../json.ts';
import type { AddressPool } from './address-pool.ts';

export const containerGroupType = 'Microsoft.ContainerInstance/containerGroups';

export type GroupState = 'Running' | 'Stopped' | 'Pending' | 'Succeeded' | 'Failed';
export type ProvisioningState = 'Pending' | 'Creating' | 'Succeeded' | 'Unhealthy' | 'Repairing' | 'Failed';

/** A container group as the simulator keeps it. */
export interface ContainerGroup {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  location: string;
  tags: unknown;
  /** Top-level members besides the usual ones, such as `zones` and `identity`. */
  extra: JsonObject;
  /** `properties` as the client wrote them. */
  properties: JsonObject;
  /** Where its address comes from; undefined without an address. */
  pool: AddressPool | undefined;
  address: string | undefined;
  state: GroupState;
  provisioningState: ProvisioningState;
  restartCount: number;
  startedAt: number;
  /** Grows with every transition, so that the planned steps of an earlier one are dropped. */
  transition: number;
}

/** The answer of GET and PUT; a list shows no instance view, at the group or its containers. */
export function renderContainerGroup(group: ContainerGroup, options: { instanceView: boolean }): JsonObject {
  const { containers, ipAddress, ...rest } = group.properties;
  return {
    id: group.id,
    name: group.name,
    type: containerGroupType,
    location: group.location,
    ...(group.tags === undefined ? {} : { tags: group.tags }),
    ...group.extra,
    properties: {
      sku: 'Standard',
      ...rest,
      provisioningState: group.provisioningState,
      containers: renderContainers(group, containers, options.instanceView),
      initContainers: rest['initContainers'] ?? [],
      ...(group.pool === undefined ? {} : { ipAddress: renderAddress(group, ipAddress) }),
      ...(options.instanceView ? { instanceView: { events: [], state: group.state } } : {}),
    },
  };
}

function renderAddress(group: ContainerGroup, requested: unknown): JsonObject {
  const { ip: _, ...wanted } =
    typeof requested === 'object' && requested !== null ? { ip: undefined, ...requested } : { ip: undefined };
  const label =
    'dnsNameLabel' in wanted && typeof wanted.dnsNameLabel === 'string' ? wanted.dnsNameLabel : undefined;
  return {
    type: 'Private',
    ports: [],
    ...wanted,
    ...(group.address === undefined ? {} : { ip: group.address }),
    ...(label === undefined ? {} : { fqdn: `${label}.${group.location}.azurecontainer.io` }),
  };
}

function renderContainers(group: ContainerGroup, containers: unknown, instanceView: boolean): unknown[] {
  const list: unknown[] = Array.isArray(containers) ? containers : [];
  return list.map((container) => {
    if (typeof container !== 'object' || container === null) return container;
    const given =
      'properties' in container && typeof container.properties === 'object' ? container.properties : {};
    const { instanceView: _, ...properties } = { instanceView: undefined, ...given };
    if (!instanceView || group.state === 'Pending') return { ...container, properties };
    return { ...container, properties: { ...properties, instanceView: containerView(group) } };
  });
}

function containerView(group: ContainerGroup): JsonObject {
  const startTime = new Date(group.startedAt).toISOString();
  const currentState =
    group.state === 'Running'
      ? { state: 'Running', startTime, detailStatus: '' }
      : {
          state: 'Terminated',
          startTime,
          exitCode: 0,
          detailStatus: group.state === 'Failed' ? 'Error' : 'Completed',
        };
  return { restartCount: group.restartCount, currentState, events: [] };
}
