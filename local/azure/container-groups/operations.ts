import * as v from 'valibot';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { ContainerGroupBehaviour } from './behaviour.ts';
import { type ContainerGroup, containerGroupType, renderContainerGroup } from './container-group.ts';
import type { ContainerGroupContent, ContainerGroups } from './container-groups.ts';
import type { Subnets } from './subnets.ts';

/** A PUT, start or restart with this header comes up on the address that it names. Azure knows no such header. */
export const addressHeader = 'x-evenkeel-address';

const bodySchema = v.looseObject({
  location: v.string(),
  tags: v.optional(v.record(v.string(), v.string())),
  properties: v.looseObject({
    containers: v.pipe(v.array(v.looseObject({ name: v.string() })), v.minLength(1)),
    osType: v.optional(v.string(), 'Linux'),
    ipAddress: v.nullish(v.looseObject({ type: v.picklist(['Public', 'Private']) })),
    subnetIds: v.optional(v.array(v.looseObject({ id: v.string() }))),
  }),
});

const scope = '/subscriptions/{subscriptionId}';
const provider = `providers/${containerGroupType}`;
const groupPath = `${scope}/resourceGroups/{resourceGroup}/${provider}/{name}`;

export interface ContainerGroupOperationsParts {
  readonly groups: ContainerGroups;
  readonly resourceGroups: ResourceGroups;
  readonly subnets: Subnets;
  readonly running: LongRunningOperations;
  readonly behaviour: ContainerGroupBehaviour;
}

export function containerGroupOperations(parts: ContainerGroupOperationsParts): Operation[] {
  const { groups, resourceGroups, running, behaviour } = parts;
  const find = (request: ArmRequest): ContainerGroup | undefined => {
    const { subscriptionId, name } = resourceGroups.of(request);
    return groups.find(
      `${scope.replace('{subscriptionId}', subscriptionId)}/resourceGroups/${name}/${provider}/${request.param('name')}`,
    );
  };
  const get = (request: ArmRequest): ContainerGroup => {
    const group = find(request);
    if (group === undefined)
      throw resourceNotFound(containerGroupType, request.param('name'), request.param('resourceGroup'));
    return group;
  };
  const list = (request: ArmRequest, within: string): ArmAnswer =>
    page(request, groups.within(within), {
      limit: behaviour.pageSize,
      render: (group) => renderContainerGroup(group, { instanceView: false }),
    });
  const polled = (request: ArmRequest, group: ContainerGroup): Record<string, string> => {
    const operation = running.start(Math.max(behaviour.addressAfterMs, behaviour.runningAfterMs));
    const url = `${request.base}/subscriptions/${group.subscriptionId}/providers/Microsoft.ContainerInstance/locations/${encodeURIComponent(group.location)}/operations/${operation}?api-version=2018-06-01`;
    return { 'Azure-AsyncOperation': url };
  };
  const accepted = (request: ArmRequest, group: ContainerGroup): ArmAnswer => {
    const headers = polled(request, group);
    return { status: 202, headers: { ...headers, Location: headers['Azure-AsyncOperation'] ?? '' } };
  };
  const shown = (group: ContainerGroup) => renderContainerGroup(group, { instanceView: true });
  const changes = (request: ArmRequest) => ({
    asynchronous: true,
    address: request.headers.get(addressHeader) ?? undefined,
  });

  return [
    {
      name: 'ContainerGroups_CreateOrUpdate',
      method: 'PUT',
      path: groupPath,
      handle: (request) => {
        const content = contentOf(request, parts);
        const status = find(request) === undefined ? 201 : 200;
        const group = groups.put(
          resourceGroups.of(request),
          request.param('name'),
          content,
          changes(request),
        );
        return { status, body: shown(group), headers: polled(request, group) };
      },
    },
    {
      name: 'ContainerGroups_Get',
      method: 'GET',
      path: groupPath,
      handle: (request) => ({ status: 200, body: shown(get(request)) }),
    },
    {
      name: 'ContainerGroups_Delete',
      method: 'DELETE',
      path: groupPath,
      handle: (request) => {
        const group = find(request);
        if (group === undefined) return { status: 204 };
        const body = shown(group);
        groups.delete(group);
        return { status: 200, body };
      },
    },
    {
      name: 'ContainerGroups_Stop',
      method: 'POST',
      path: `${groupPath}/stop`,
      handle: (request) => {
        groups.stop(get(request));
        return { status: 204 };
      },
    },
    {
      name: 'ContainerGroups_Start',
      method: 'POST',
      path: `${groupPath}/start`,
      handle: (request) => {
        const group = get(request);
        const options = changes(request);
        if (group.state === 'Running' && options.address === undefined) return { status: 204 };
        groups.start(group, options);
        return accepted(request, group);
      },
    },
    {
      name: 'ContainerGroups_Restart',
      method: 'POST',
      path: `${groupPath}/restart`,
      handle: (request) => {
        const group = get(request);
        groups.restart(group, changes(request));
        return accepted(request, group);
      },
    },
    {
      name: 'ContainerGroups_ListByResourceGroup',
      method: 'GET',
      path: `${scope}/resourceGroups/{resourceGroup}/${provider}`,
      handle: (request) => {
        const { subscriptionId, name } = resourceGroups.of(request);
        return list(request, `/subscriptions/${subscriptionId}/resourceGroups/${name}`);
      },
    },
    {
      name: 'ContainerGroups_List',
      method: 'GET',
      path: `${scope}/${provider}`,
      handle: (request) => {
        resourceGroups.listOf(request.param('subscriptionId'));
        return list(request, `/subscriptions/${request.param('subscriptionId')}`);
      },
    },
    {
      name: 'ContainerGroups_OperationStatus',
      method: 'GET',
      path: `${scope}/providers/Microsoft.ContainerInstance/locations/{location}/operations/{operationId}`,
      handle: (request) => running.status(request.param('operationId')),
    },
  ];
}

function contentOf(
  request: ArmRequest,
  { resourceGroups, subnets }: ContainerGroupOperationsParts,
): ContainerGroupContent {
  const name = request.param('name');
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name) || name.includes('--')) {
    throw new ArmError(400, 'InvalidContainerGroupName', `The container group name '${name}' is invalid.`);
  }
  const {
    location,
    tags,
    properties,
    id: _id,
    name: _name,
    type: _type,
    ...extra
  } = parsed(bodySchema, request.body);
  // The platform decides on these, whatever a client writes.
  const { provisioningState: _state, instanceView: _view, ...kept } = properties;
  const subnet = properties.subnetIds?.[0]?.id;
  const owner = resourceGroups.of(request);
  const type = properties.ipAddress?.type ?? (subnet === undefined ? undefined : 'Private');
  const pools = {
    Public: () => subnets.publicPool,
    Private: () =>
      subnet === undefined
        ? subnets.ofResourceGroup(owner.subscriptionId, owner.name)
        : subnets.withId(subnet),
  };
  return { location, tags, extra, properties: kept, pool: type === undefined ? undefined : pools[type]() };
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ArmError(
    400,
    'InvalidRequestContent',
    `The request content is invalid at '${v.getDotPath(issue) ?? ''}': ${issue.message}`,
  );
}
