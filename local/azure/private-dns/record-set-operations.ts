import type { ActivitySink } from '../arm/activity.ts';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page, pageLimit } from '../arm/paging.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { PrivateDnsBehaviour } from './behaviour.ts';
import type { QuotaKind, Quotas } from './quotas.ts';
import { type RecordSet, renderRecordSet } from './record-set.ts';
import {
  absent,
  checkPreconditions,
  checkWritable,
  parsedBody,
  put,
  type RecordSetKey,
} from './record-set-writes.ts';
import { type RecordType, recordTypeOf } from './record-types.ts';
import type { Zone, Zones } from './zones.ts';

export interface PrivateDnsParts {
  readonly zones: Zones;
  readonly resourceGroups: ResourceGroups;
  readonly quotas: Quotas;
  readonly behaviour: PrivateDnsBehaviour;
  readonly activity: ActivitySink;
}

export const zonePath =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.Network/privateDnsZones/{zone}';
const setPath = `${zonePath}/{recordType}/{name}`;

export function recordSetOperations(parts: PrivateDnsParts): Operation[] {
  const { behaviour, quotas } = parts;
  const zoneOf = (request: ArmRequest): Zone => {
    const { subscriptionId, name } = parts.resourceGroups.of(request);
    const zone = parts.zones.find(subscriptionId, name, request.param('zone'));
    if (zone !== undefined) return zone;
    if (behaviour.missingZoneCode === 'ResourceNotFound') {
      throw resourceNotFound('Microsoft.Network/privateDnsZones', request.param('zone'), name);
    }
    throw new ArmError(
      404,
      'ParentResourceNotFound',
      `Can not perform requested operation on nested resource. Parent resource '${request.param('zone')}' not found.`,
    );
  };
  const keyOf = (request: ArmRequest): RecordSetKey => ({
    zone: zoneOf(request),
    type: typeOf(request),
    name: request.param('name').toLowerCase(),
  });
  const spend = (zone: Zone, kind: QuotaKind): void => {
    const waitSeconds = quotas.take(zone.id, kind);
    if (waitSeconds === undefined) return;
    throw new ArmError(
      429,
      'TooManyRequests',
      `The request quota of the zone '${zone.name}' for '${kind}' is exhausted. Retry after ${waitSeconds} seconds.`,
      {
        shape: behaviour.errorShape,
        headers: { 'Retry-After': String(waitSeconds) },
      },
    );
  };
  const shown = (status: number, zone: Zone, set: RecordSet): ArmAnswer => ({
    status,
    headers: { ETag: set.etag },
    body: renderRecordSet(zone, set),
  });
  const report = ({ zone, type, name }: RecordSetKey, verb: 'write' | 'delete', httpMethod: string): void =>
    parts.activity({
      verb,
      operationName: `Microsoft.Network/privateDnsZones/${type}/${verb}`,
      resourceId: `${zone.id}/${type}/${name}`,
      subscriptionId: zone.subscriptionId,
      resourceGroup: zone.resourceGroup,
      httpMethod,
    });
  const list = (request: ArmRequest, type: RecordType): ArmAnswer => {
    const zone = zoneOf(request);
    spend(zone, 'list');
    const suffix = request.query.get('$recordsetnamesuffix')?.toLowerCase();
    return page(request, zone.all, {
      limit: pageLimit(request, behaviour.pageSize, behaviour.maxPageSize),
      accept: (set) => set.type === type && (suffix === undefined || set.name.endsWith(`.${suffix}`)),
      render: (set) => renderRecordSet(zone, set),
    });
  };

  return [
    {
      name: 'RecordSets_Get',
      method: 'GET',
      path: setPath,
      handle: (request) => {
        const { zone, type, name } = keyOf(request);
        spend(zone, 'get');
        const set = zone.get(type, name);
        if (set === undefined) throw absent(request, name, behaviour);
        return shown(200, zone, set);
      },
    },
    {
      name: 'RecordSets_CreateOrUpdate',
      method: 'PUT',
      path: setPath,
      handle: (request) => {
        const key = keyOf(request);
        const existing = key.zone.get(key.type, key.name);
        spend(key.zone, existing === undefined ? 'create' : 'update');
        const body = parsedBody(key.type, request.body, behaviour);
        checkWritable(existing, behaviour);
        checkPreconditions(request, existing, key.name, behaviour);
        const set = put(key, body, behaviour);
        report(key, 'write', 'PUT');
        return shown(existing === undefined ? 201 : 200, key.zone, set);
      },
    },
    {
      name: 'RecordSets_Delete',
      method: 'DELETE',
      path: setPath,
      handle: (request) => {
        const key = keyOf(request);
        spend(key.zone, 'delete');
        const existing = key.zone.get(key.type, key.name);
        const conditional = request.headers.get('if-match') !== null;
        if (existing === undefined && (!conditional || behaviour.ifMatchOnAbsentDelete === 204))
          return { status: 204 };
        if (existing === undefined && behaviour.ifMatchOnAbsentDelete === 404)
          throw absent(request, key.name, behaviour);
        checkWritable(existing, behaviour);
        checkPreconditions(request, existing, key.name, { ...behaviour, ifMatchOnAbsentPut: 412 });
        if (key.type === 'SOA')
          throw new ArmError(400, 'BadRequest', 'The SOA record set cannot be deleted.', {
            shape: behaviour.errorShape,
          });
        key.zone.delete(key.type, key.name);
        report(key, 'delete', 'DELETE');
        return { status: 200 };
      },
    },
    {
      name: 'RecordSets_ListByType',
      method: 'GET',
      path: `${zonePath}/{recordType}`,
      handle: (request) => list(request, typeOf(request)),
    },
  ];
}

function typeOf(request: ArmRequest): RecordType {
  const type = recordTypeOf(request.param('recordType'));
  if (type !== undefined) return type;
  throw new ArmError(
    404,
    'InvalidResourceType',
    `The resource type 'privateDnsZones/${request.param('recordType')}' could not be found in the namespace 'Microsoft.Network'.`,
  );
}
