import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page, pageLimit } from '../arm/paging.ts';
import { type PrivateDnsParts, zonePath } from './record-set-operations.ts';
import { zoneNameProblem } from './zone-names.ts';
import { renderLink, renderZone, type VirtualNetworkLink, type Zone } from './zones.ts';

const tags = v.optional(v.record(v.string(), v.string()));
const zoneBody = v.looseObject({ location: v.string(), tags });
const linkBody = v.looseObject({
  tags,
  properties: v.looseObject({
    virtualNetwork: v.looseObject({ id: v.string() }),
    registrationEnabled: v.optional(v.boolean(), false),
  }),
});

const scope = '/subscriptions/{subscriptionId}';
const linkPath = `${zonePath}/virtualNetworkLinks/{link}`;
const groupScope = `${scope}/resourceGroups/{resourceGroup}`;

export function zoneOperations(parts: PrivateDnsParts, running: LongRunningOperations): Operation[] {
  const { zones, resourceGroups, behaviour } = parts;
  const find = (request: ArmRequest): Zone | undefined => {
    const { subscriptionId, name } = resourceGroups.of(request);
    return zones.find(subscriptionId, name, request.param('zone'));
  };
  const get = (request: ArmRequest): Zone => {
    const zone = find(request);
    if (zone !== undefined) return zone;
    throw resourceNotFound(
      'Microsoft.Network/privateDnsZones',
      request.param('zone'),
      request.param('resourceGroup'),
    );
  };
  const linkOf = (request: ArmRequest): VirtualNetworkLink => {
    const link = get(request).links.get(request.param('link').toLowerCase());
    if (link !== undefined) return link;
    const name = `${request.param('zone')}/${request.param('link')}`;
    throw resourceNotFound(
      'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      name,
      request.param('resourceGroup'),
    );
  };
  const written = (request: ArmRequest, status: number, body: unknown): ArmAnswer =>
    behaviour.zoneWrites === 'immediate'
      ? { status, body }
      : accepted(request, running.start(behaviour.zoneWriteMs));
  const report = (zone: Zone, child: string, type: string, verb: 'write' | 'delete'): void =>
    parts.activity({
      verb,
      operationName: `Microsoft.Network/${type}/${verb}`,
      resourceId: `${zone.id}${child}`,
      subscriptionId: zone.subscriptionId,
      resourceGroup: zone.resourceGroup,
      httpMethod: verb === 'write' ? 'PUT' : 'DELETE',
    });

  return [
    {
      name: 'PrivateZones_CreateOrUpdate',
      method: 'PUT',
      path: zonePath,
      handle: (request) => {
        const body = parsed(zoneBody, request.body);
        const problem = zoneNameProblem(request.param('zone'));
        if (problem !== undefined)
          throw new ArmError(400, 'BadRequest', problem, { shape: behaviour.errorShape });
        const existing = find(request);
        checkZonePreconditions(request, existing, behaviour.errorShape);
        const zone = existing ?? zones.create(resourceGroups.of(request), request.param('zone'), body.tags);
        zone.tags = body.tags;
        zone.etag = randomUUID();
        report(zone, '', 'privateDnsZones', 'write');
        return written(request, existing === undefined ? 201 : 200, renderZone(zone));
      },
    },
    {
      name: 'PrivateZones_Get',
      method: 'GET',
      path: zonePath,
      handle: (request) => ({ status: 200, body: renderZone(get(request)) }),
    },
    {
      name: 'PrivateZones_Delete',
      method: 'DELETE',
      path: zonePath,
      handle: (request) => {
        const zone = find(request);
        if (zone === undefined) return { status: 204 };
        if (zone.links.size > 0) {
          throw new ArmError(
            409,
            'CannotDeleteResource',
            `The zone '${zone.name}' cannot be deleted while it has virtual network links.`,
          );
        }
        zones.delete(zone);
        report(zone, '', 'privateDnsZones', 'delete');
        return written(request, 200, undefined);
      },
    },
    {
      name: 'PrivateZones_ListByResourceGroup',
      method: 'GET',
      path: `${groupScope}/providers/Microsoft.Network/privateDnsZones`,
      handle: (request) => {
        const { subscriptionId, name } = resourceGroups.of(request);
        return page(request, zones.within(subscriptionId, name), {
          limit: pageLimit(request, 100),
          render: renderZone,
        });
      },
    },
    {
      name: 'PrivateZones_List',
      method: 'GET',
      path: `${scope}/providers/Microsoft.Network/privateDnsZones`,
      handle: (request) => {
        resourceGroups.listOf(request.param('subscriptionId'));
        return page(request, zones.within(request.param('subscriptionId')), {
          limit: pageLimit(request, 100),
          render: renderZone,
        });
      },
    },
    {
      name: 'VirtualNetworkLinks_CreateOrUpdate',
      method: 'PUT',
      path: linkPath,
      handle: (request) => {
        const zone = get(request);
        const name = request.param('link').toLowerCase();
        const { tags: linkTags, properties } = parsed(linkBody, request.body);
        const networkId = properties.virtualNetwork.id;
        const rival = [...zone.links].find(
          (link) => link.networkId.toLowerCase() === networkId.toLowerCase() && link.name !== name,
        );
        if (rival !== undefined) {
          throw new ArmError(
            409,
            'Conflict',
            `The zone '${zone.name}' is linked to '${networkId}' already by '${rival.name}'.`,
          );
        }
        const status = zone.links.get(name) === undefined ? 201 : 200;
        const { registrationEnabled } = properties;
        const link = { name, networkId, registrationEnabled, tags: linkTags, etag: randomUUID() };
        zone.links.set(name, link);
        report(zone, `/virtualNetworkLinks/${name}`, 'privateDnsZones/virtualNetworkLinks', 'write');
        return written(request, status, renderLink(zone, link));
      },
    },
    {
      name: 'VirtualNetworkLinks_Get',
      method: 'GET',
      path: linkPath,
      handle: (request) => ({ status: 200, body: renderLink(get(request), linkOf(request)) }),
    },
    {
      name: 'VirtualNetworkLinks_Delete',
      method: 'DELETE',
      path: linkPath,
      handle: (request) => {
        const zone = get(request);
        if (!zone.links.delete(request.param('link').toLowerCase())) return { status: 204 };
        report(
          zone,
          `/virtualNetworkLinks/${request.param('link')}`,
          'privateDnsZones/virtualNetworkLinks',
          'delete',
        );
        return written(request, 200, undefined);
      },
    },
    {
      name: 'VirtualNetworkLinks_List',
      method: 'GET',
      path: `${zonePath}/virtualNetworkLinks`,
      handle: (request) => {
        const zone = get(request);
        return page(request, zone.links, {
          limit: pageLimit(request, 100),
          render: (link) => renderLink(zone, link),
        });
      },
    },
    {
      name: 'PrivateDns_OperationStatus',
      method: 'GET',
      path: `${groupScope}/providers/Microsoft.Network/privateDnsOperationStatuses/{operationId}`,
      handle: (request) => running.status(request.param('operationId')),
    },
    {
      name: 'PrivateDns_OperationResult',
      method: 'GET',
      path: `${groupScope}/providers/Microsoft.Network/privateDnsOperationResults/{operationId}`,
      handle: (request) => running.result(request.param('operationId'), request.base + request.id),
    },
  ];
}

function accepted(request: ArmRequest, operation: string): ArmAnswer {
  const group = `/subscriptions/${request.param('subscriptionId')}/resourceGroups/${request.param('resourceGroup')}`;
  const link = (kind: string) =>
    `${request.base}${group}/providers/Microsoft.Network/${kind}/${operation}?api-version=${encodeURIComponent(request.query.get('api-version') ?? '')}`;
  return {
    status: 202,
    body: {},
    headers: {
      Location: link('privateDnsOperationResults'),
      'Azure-AsyncOperation': link('privateDnsOperationStatuses'),
      'Retry-After': '1',
    },
  };
}

function checkZonePreconditions(
  request: ArmRequest,
  existing: Zone | undefined,
  shape: 'nested' | 'flat',
): void {
  const ifMatch = request.headers.get('if-match');
  if (request.headers.get('if-none-match') === '*' && existing !== undefined) {
    throw new ArmError(
      412,
      'PreconditionFailed',
      `The Zone ${existing.name} exists already and hence cannot be created again.`,
      { shape },
    );
  }
  if (ifMatch !== null && ifMatch !== existing?.etag && !(ifMatch === '*' && existing !== undefined)) {
    throw new ArmError(
      412,
      'PreconditionFailed',
      `The Zone ${request.param('zone')} has been modified (etag mismatch).`,
      { shape },
    );
  }
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ArmError(
    400,
    'BadRequest',
    `The request content is invalid at '${v.getDotPath(issue) ?? ''}': ${issue.message}`,
  );
}
