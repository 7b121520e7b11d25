import * as v from 'valibot';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import { parsedBody } from '../arm/request-body.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { ContainerGroupBehaviour } from './behaviour.ts';
import { type ContainerGroup, containerGroupType, renderContainerGroup } from './container-group.ts';
import type { ContainerGroupStore } from './container-group-store.ts';
import type { ChangeOptions, ContainerGroupContent, ContainerGroups } from './container-groups.ts';
import type { Subnets } from './subnets.ts';

interface ContainerGroupParts {
  readonly store: ContainerGroupStore;
  readonly groups: ContainerGroups;
  readonly resourceGroups: ResourceGroups;
  readonly subnets: Subnets;
  readonly running: LongRunningOperations;
  readonly behaviour: ContainerGroupBehaviour;
}

const provider = `providers/${containerGroupType}`;
const subscriptionPath = '/subscriptions/{subscriptionId}';
const resourceGroupPath = `${subscriptionPath}/resourceGroups/{resourceGroup}`;
const groupPath = `${resourceGroupPath}/${provider}/{name}`;
const operationPath = `${subscriptionPath}/providers/Microsoft.ContainerInstance/locations/{location}/operations/{operationId}`;

/** https://learn.microsoft.com/rest/api/container-instances/container-groups */
const table: readonly OperationRow<ContainerGroupParts>[] = [
  { name: 'ContainerGroups_CreateOrUpdate', method: 'PUT', path: groupPath, handler: putGroup },
  { name: 'ContainerGroups_Update', method: 'PATCH', path: groupPath, handler: patchGroup },
  { name: 'ContainerGroups_Get', method: 'GET', path: groupPath, handler: getGroup },
  { name: 'ContainerGroups_Delete', method: 'DELETE', path: groupPath, handler: deleteGroup },
  { name: 'ContainerGroups_Stop', method: 'POST', path: `${groupPath}/stop`, handler: stopGroup },
  { name: 'ContainerGroups_Start', method: 'POST', path: `${groupPath}/start`, handler: startGroup },
  { name: 'ContainerGroups_Restart', method: 'POST', path: `${groupPath}/restart`, handler: restartGroup },
  {
    name: 'ContainerGroups_ListByResourceGroup',
    method: 'GET',
    path: `${resourceGroupPath}/${provider}`,
    handler: listByResourceGroup,
  },
  {
    name: 'ContainerGroups_List',
    method: 'GET',
    path: `${subscriptionPath}/${provider}`,
    handler: listBySubscription,
  },
  {
    name: 'ContainerGroups_OperationStatus',
    method: 'GET',
    path: operationPath,
    handler: getOperationStatus,
  },
];

export const containerGroupOperations = (parts: ContainerGroupParts): Operation[] =>
  operationsFrom(table, parts);

function putGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const content = contentOf(request, parts);
  const status = findGroup(request, parts) === undefined ? 201 : 200;
  const owner = parts.resourceGroups.of(request);
  const group = parts.groups.put(owner, request.param('name'), content, changeOptionsOf(request));
  return {
    status,
    headers: { 'Azure-AsyncOperation': startOperation(request, group, parts) },
    body: render(group),
  };
}

/** Only tags can be changed so. */
function patchGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const group = groupOf(request, parts);
  const { tags } = parsedBody(patchSchema, request.body);
  parts.groups.tag(group, tags ?? group.tags);
  return { status: 200, body: render(group) };
}

function getGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const group = parts.store.seen(idOf(request, parts));
  if (group === undefined) throw notFound(request);
  return { status: 200, body: render(group) };
}

function deleteGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const group = findGroup(request, parts);
  if (group === undefined) return { status: 204 };
  const body = render(group);
  parts.groups.delete(group);
  return { status: 200, body };
}

function stopGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  parts.groups.stop(groupOf(request, parts));
  return { status: 204 };
}

function startGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const group = groupOf(request, parts);
  const options = changeOptionsOf(request);
  if (group.state === 'Running' && options.address === undefined) return { status: 204 };
  parts.groups.start(group, options);
  return accepted(request, group, parts);
}

function restartGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const group = groupOf(request, parts);
  parts.groups.restart(group, changeOptionsOf(request));
  return accepted(request, group, parts);
}

function listByResourceGroup(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const { subscriptionId, name } = parts.resourceGroups.of(request);
  return list(request, `/subscriptions/${subscriptionId}/resourceGroups/${name}`, parts);
}

function listBySubscription(request: ArmRequest, parts: ContainerGroupParts): ArmAnswer {
  const subscriptionId = request.param('subscriptionId');
  parts.resourceGroups.checkSubscription(subscriptionId);
  return list(request, `/subscriptions/${subscriptionId}`, parts);
}

function getOperationStatus(request: ArmRequest, { running }: ContainerGroupParts): ArmAnswer {
  return running.status(request.param('operationId'));
}

function idOf(request: ArmRequest, { resourceGroups }: ContainerGroupParts): string {
  const { subscriptionId, name } = resourceGroups.of(request);
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}/${provider}/${request.param('name')}`;
}

const findGroup = (request: ArmRequest, parts: ContainerGroupParts): ContainerGroup | undefined =>
  parts.store.find(idOf(request, parts));

function groupOf(request: ArmRequest, parts: ContainerGroupParts): ContainerGroup {
  const group = findGroup(request, parts);
  if (group === undefined) throw notFound(request);
  return group;
}

const notFound = (request: ArmRequest): ArmError =>
  resourceNotFound(containerGroupType, request.param('name'), request.param('resourceGroup'));

function list(request: ArmRequest, scope: string, { store, behaviour }: ContainerGroupParts): ArmAnswer {
  return page(request, store.seenWithin(scope), {
    limit: behaviour.pageSize,
    render: (group) => renderContainerGroup(group, { instanceView: false }),
  });
}

const render = (group: ContainerGroup) => renderContainerGroup(group, { instanceView: true });

function accepted(request: ArmRequest, group: ContainerGroup, parts: ContainerGroupParts): ArmAnswer {
  const url = startOperation(request, group, parts);
  return { status: 202, headers: { 'Azure-AsyncOperation': url, Location: url } };
}

/** Returns the URL where a client asks whether the change is over. */
function startOperation(
  request: ArmRequest,
  group: ContainerGroup,
  { running, behaviour }: ContainerGroupParts,
): string {
  const operation = running.start(Math.max(behaviour.addressAfterMs, behaviour.runningAfterMs));
  const path = operationPath
    .replace('{subscriptionId}', group.subscriptionId)
    .replace('{location}', encodeURIComponent(group.location))
    .replace('{operationId}', operation);
  return `${request.base}${path}?api-version=2018-06-01`;
}

/** A PUT, start or restart with this header comes up on the address that it names. Azure knows no such header. */
const addressHeader = 'x-evenkeel-address';

const changeOptionsOf = (request: ArmRequest): ChangeOptions => ({
  asynchronous: true,
  address: request.headers.get(addressHeader) ?? undefined,
});

const tagsSchema = v.optional(v.record(v.string(), v.string()));
const patchSchema = v.looseObject({ tags: tagsSchema });

const bodySchema = v.looseObject({
  location: v.string(),
  tags: tagsSchema,
  properties: v.looseObject({
    containers: v.pipe(v.array(v.looseObject({ name: v.string() })), v.minLength(1)),
    osType: v.optional(v.string(), 'Linux'),
    ipAddress: v.nullish(v.looseObject({ type: v.picklist(['Public', 'Private']) })),
    subnetIds: v.optional(v.array(v.looseObject({ id: v.string() }))),
  }),
});

function contentOf(
  request: ArmRequest,
  { resourceGroups, subnets }: ContainerGroupParts,
): ContainerGroupContent {
  const name = request.param('name');
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name) || name.includes('--')) {
    throw new ArmError(400, 'InvalidContainerGroupName', `The container group name '${name}' is invalid.`);
  }
  const body = parsedBody(bodySchema, request.body);
  const { location, tags, properties, id: _id, name: _name, type: _type, ...extra } = body;
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
