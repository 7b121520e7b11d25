import type { JsonObject } from '../json.ts';
import type { AddressPool } from './address-pool.ts';

export const containerGroupType = 'Microsoft.ContainerInstance/containerGroups';

export const groupStates = ['Running', 'Stopped', 'Pending', 'Succeeded', 'Failed'] as const;
export type GroupState = (typeof groupStates)[number];

export const provisioningStates = [
  'Pending',
  'Creating',
  'Updating',
  'Succeeded',
  'Unhealthy',
  'Repairing',
  'Failed',
] as const;
export type ProvisioningState = (typeof provisioningStates)[number];

/**
 * How a group shows the address that it has: in `ipAddress.ip`; as an `ip` that is null; in no `ip` of its `ipAddress`;
 * or not even in an `ipAddress`.
 */
export const addressViews = ['shown', 'null', 'missing', 'absent'] as const;
export type AddressView = (typeof addressViews)[number];

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
  addressView: AddressView;
  state: GroupState;
  provisioningState: ProvisioningState;
  restartCount: number;
  startedAt: number;
  /** How its containers ended by themselves; undefined unless they did. */
  end: { readonly at: number; readonly exitCode: number } | undefined;
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
      ...(group.pool === undefined || group.addressView === 'absent'
        ? {}
        : { ipAddress: renderAddress(group, ipAddress) }),
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
    ...(group.addressView === 'shown' && group.address !== undefined ? { ip: group.address } : {}),
    ...(group.addressView === 'null' ? { ip: null } : {}),
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
          exitCode: group.end?.exitCode ?? 0,
          ...(group.end === undefined ? {} : { finishTime: new Date(group.end.at).toISOString() }),
          detailStatus: group.state === 'Failed' ? 'Error' : 'Completed',
        };
  return { restartCount: group.restartCount, currentState, events: [] };
}
