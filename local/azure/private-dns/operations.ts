import type { ActivitySink } from '../arm/activity.ts';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import { page, pageLimit } from '../arm/paging.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { PrivateDnsBehaviour } from './behaviour.ts';
import type { QuotaKind, Quotas } from './quotas.ts';
import { type RecordSet, renderRecordSet } from './record-set.ts';
import {
  absent,
  checkPreconditions,
  checkWritable,
  parsedRecordSet,
  preconditionsOf,
  put,
  type RecordSetKey,
} from './record-set-writes.ts';
import { type RecordType, recordTypeOf } from './record-types.ts';
import { renderZone, type Zone, type Zones } from './zones.ts';

interface PrivateDnsParts {
  readonly zones: Zones;
  readonly resourceGroups: ResourceGroups;
  readonly quotas: Quotas;
  readonly behaviour: PrivateDnsBehaviour;
  readonly activity: ActivitySink;
}

const zoneType = 'Microsoft.Network/privateDnsZones';
const zonePath = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${zoneType}/{zone}`;
const linksPath = `${zonePath}/virtualNetworkLinks`;
const listPath = `${zonePath}/{recordType}`;
const recordSetPath = `${listPath}/{name}`;

/** https://learn.microsoft.com/rest/api/dns/privatedns */
const table: readonly OperationRow<PrivateDnsParts>[] = [
  { name: 'PrivateZones_Get', method: 'GET', path: zonePath, handler: getZone },
  { name: 'VirtualNetworkLinks_List', method: 'GET', path: linksPath, handler: listLinks },
  { name: 'RecordSets_Get', method: 'GET', path: recordSetPath, handler: getRecordSet },
  { name: 'RecordSets_CreateOrUpdate', method: 'PUT', path: recordSetPath, handler: putRecordSet },
  { name: 'RecordSets_Delete', method: 'DELETE', path: recordSetPath, handler: deleteRecordSet },
  { name: 'RecordSets_ListByType', method: 'GET', path: listPath, handler: listRecordSets },
];

export const privateDnsOperations = (parts: PrivateDnsParts): Operation[] => operationsFrom(table, parts);

function getZone(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const zone = findZone(request, parts);
  if (zone !== undefined) return { status: 200, body: renderZone(zone) };
  throw resourceNotFound(zoneType, request.param('zone'), request.param('resourceGroup'));
}

function listLinks(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const zone = zoneOf(request, parts);
  const value = [...zone.links].map(({ name, networkId }) => ({
    id: `${zone.id}/virtualNetworkLinks/${name}`,
    name,
    type: `${zoneType}/virtualNetworkLinks`,
    location: 'global',
    properties: {
      virtualNetwork: { id: networkId },
      registrationEnabled: false,
      virtualNetworkLinkState: 'Completed',
      provisioningState: 'Succeeded',
    },
  }));
  return { status: 200, body: { value } };
}

function getRecordSet(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const { zone, type, name } = keyOf(request, parts);
  spend(zone, 'get', parts);
  const set = zone.seen(type, name);
  if (set === undefined) throw absent(request, name, parts.behaviour);
  return answerWith(200, zone, set);
}

function putRecordSet(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const { behaviour } = parts;
  const key = keyOf(request, parts);
  const existing = key.zone.get(key.type, key.name);
  spend(key.zone, existing === undefined ? 'create' : 'update', parts);
  const preconditions = preconditionsOf(request, behaviour);
  const body = parsedRecordSet(key.type, request.body, behaviour);
  checkWritable(existing, behaviour);
  const absence = behaviour.ifMatchOnAbsentPut === 404 ? absent(request, key.name, behaviour) : undefined;
  checkPreconditions(preconditions, existing, { name: key.name, absence }, behaviour);
  const set = put(key, body, behaviour);
  report(key, 'write', parts);
  return answerWith(existing === undefined ? 201 : 200, key.zone, set);
}

function deleteRecordSet(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const { behaviour } = parts;
  const key = keyOf(request, parts);
  spend(key.zone, 'delete', parts);
  const preconditions = preconditionsOf(request, behaviour);
  const existing = key.zone.get(key.type, key.name);
  if (existing === undefined) {
    const isConditional = preconditions.ifMatch !== undefined;
    if (!isConditional || behaviour.ifMatchOnAbsentDelete === 204) return { status: 204 };
    if (behaviour.ifMatchOnAbsentDelete === 404) throw absent(request, key.name, behaviour);
  }
  checkWritable(existing, behaviour);
  checkPreconditions(preconditions, existing, { name: key.name, absence: undefined }, behaviour);
  if (key.type === 'SOA') {
    const { errorShape: shape } = behaviour;
    const message = `Record sets of type 'SOA' with name '${key.name}' cannot be deleted.`;
    throw new ArmError(400, 'BadRequest', message, { shape });
  }
  key.zone.delete(key.type, key.name);
  report(key, 'delete', parts);
  return { status: 200 };
}

function listRecordSets(request: ArmRequest, parts: PrivateDnsParts): ArmAnswer {
  const type = typeOf(request);
  const zone = zoneOf(request, parts);
  spend(zone, 'list', parts);
  const suffix = request.query.get('$recordsetnamesuffix')?.toLowerCase();
  return page(request, zone.seenInList, {
    limit: pageLimit(request, parts.behaviour.pageSize, parts.behaviour.maxPageSize),
    accept: (set) => set.type === type && (suffix === undefined || set.name.endsWith(`.${suffix}`)),
    render: (set) => renderRecordSet(zone, set),
  });
}

const answerWith = (status: number, zone: Zone, set: RecordSet): ArmAnswer => ({
  status,
  headers: { ETag: set.etag },
  body: renderRecordSet(zone, set),
});

function keyOf(request: ArmRequest, parts: PrivateDnsParts): RecordSetKey {
  return {
    zone: zoneOf(request, parts),
    type: typeOf(request),
    name: request.param('name').toLowerCase(),
  };
}

function findZone(request: ArmRequest, { zones, resourceGroups }: PrivateDnsParts): Zone | undefined {
  const { subscriptionId, name } = resourceGroups.of(request);
  return zones.find(subscriptionId, name, request.param('zone'));
}

/**
 * The zone of a record set. The service reports its absence in other words than that of a zone that is itself asked
 * for.
 */
function zoneOf(request: ArmRequest, parts: PrivateDnsParts): Zone {
  const zone = findZone(request, parts);
  if (zone !== undefined) return zone;
  const name = request.param('zone');
  if (parts.behaviour.missingZoneCode === 'ResourceNotFound') {
    throw resourceNotFound(zoneType, name, request.param('resourceGroup'));
  }
  const message = `Can not perform requested operation on nested resource. Parent resource '${name}' not found.`;
  // Resource Manager itself refuses it, and says so.
  const headers = { 'x-ms-failure-cause': 'gateway' };
  throw new ArmError(404, 'ParentResourceNotFound', message, { headers });
}

function typeOf(request: ArmRequest): RecordType {
  const text = request.param('recordType');
  const type = recordTypeOf(text);
  if (type !== undefined) return type;
  const message = `The resource type 'privateDnsZones/${text}' could not be found in the namespace 'Microsoft.Network'.`;
  throw new ArmError(404, 'InvalidResourceType', message);
}

/** @throws ArmError with 429 when the zone's quota for the minute is used up. */
function spend(zone: Zone, kind: QuotaKind, { quotas, behaviour }: PrivateDnsParts): void {
  const waitSeconds = quotas.take(zone.id, kind);
  if (waitSeconds === undefined) return;
  const message = `The request quota of the zone '${zone.name}' for '${kind}' is exhausted. Retry after ${waitSeconds} seconds.`;
  throw new ArmError(429, 'TooManyRequests', message, {
    shape: behaviour.errorShape,
    headers: { 'Retry-After': String(waitSeconds) },
  });
}

function report({ zone, type, name }: RecordSetKey, verb: 'write' | 'delete', parts: PrivateDnsParts): void {
  parts.activity({
    verb,
    operationName: `${zoneType}/${type}/${verb}`,
    resourceId: `${zone.id}/${type}/${name}`,
    subscriptionId: zone.subscriptionId,
    resourceGroup: zone.resourceGroup,
    httpMethod: verb === 'write' ? 'PUT' : 'DELETE',
  });
}
