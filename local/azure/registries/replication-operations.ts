import * as v from 'valibot';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { Copies } from './copies.ts';
import { regionOf } from './region.ts';
import type { Registry } from './registry.ts';
import { type Replica, renderReplica, replicationType } from './replica.ts';
import type { Replications } from './replications.ts';
import type { RegistryReport } from './report.ts';
import { checkName, parsed, type RegistryOf, registryPath, writerOf } from './requests.ts';

const tags = v.optional(v.record(v.string(), v.string()));

const createSchema = v.object({
  location: v.string(),
  tags,
  properties: v.optional(
    v.object({
      regionEndpointEnabled: v.optional(v.boolean()),
      zoneRedundancy: v.optional(v.picklist(['Enabled', 'Disabled'])),
    }),
    {},
  ),
});

const updateSchema = v.object({
  tags,
  properties: v.optional(v.object({ regionEndpointEnabled: v.optional(v.boolean()) }), {}),
});

const listPath = `${registryPath}/replications`;
const path = `${listPath}/{replication}`;

export interface ReplicationOperationsParts {
  readonly replications: Replications;
  readonly copies: Copies;
  readonly running: LongRunningOperations;
  readonly registryOf: RegistryOf;
  readonly behaviour: () => RegistryBehaviour;
  readonly report: RegistryReport;
}

/**
 * Replications at Resource Manager. A PATCH replaces the tags as a whole where it has any.
 * https://learn.microsoft.com/rest/api/containerregistry/replications
 */
export function replicationOperations(parts: ReplicationOperationsParts): Operation[] {
  const { running, registryOf, report } = parts;
  const find = (request: ArmRequest): Replica | undefined =>
    registryOf(request).replicas.get(request.param('replication').toLowerCase());
  const get = (request: ArmRequest): Replica => {
    const found = find(request);
    if (found !== undefined) return found;
    const name = `${request.param('registry')}/${request.param('replication')}`;
    throw resourceNotFound(replicationType, name, request.param('resourceGroup'));
  };
  const written = (request: ArmRequest, replica: Replica, operation: string | undefined): ArmAnswer => {
    report(registryOf(request), request, replicationType, replica.id);
    const body = renderReplica(replica);
    if (operation === undefined) return { status: 200, body };
    const version = request.query.get('api-version') ?? '';
    const url = `${request.base}${replica.id}/operationStatuses/${operation}?api-version=${version}`;
    return { status: 201, body, headers: { 'Azure-AsyncOperation': url, 'Retry-After': '1' } };
  };
  return [
    {
      name: 'Replications_List',
      method: 'GET',
      path: listPath,
      handle: (request) => {
        const { replicas, staleList } = registryOf(request);
        const limit = parts.behaviour().pageSize;
        return staleList === undefined
          ? page(request, replicas, { limit, render: renderReplica })
          : page(request, staleList, { limit, render: (replica) => replica });
      },
    },
    {
      name: 'Replications_Get',
      method: 'GET',
      path,
      handle: (request) => ({ status: 200, body: renderReplica(get(request)) }),
    },
    {
      name: 'Replications_Create',
      method: 'PUT',
      path,
      handle: (request) => {
        const existing = find(request);
        if (existing === undefined) return create(request, parts, written);
        const { tags, properties } = parsed(createSchema, request.body);
        const change = { tags, globalRouting: properties.regionEndpointEnabled };
        return written(request, existing, update(existing, change, request, parts));
      },
    },
    {
      name: 'Replications_Update',
      method: 'PATCH',
      path,
      handle: (request) => {
        const replica = get(request);
        const { tags, properties } = parsed(updateSchema, request.body);
        const change = { tags, globalRouting: properties.regionEndpointEnabled };
        return written(request, replica, update(replica, change, request, parts));
      },
    },
    {
      name: 'Replications_Delete',
      method: 'DELETE',
      path,
      handle: (request) => {
        const registry = registryOf(request);
        const replica = find(request);
        if (replica === undefined) return { status: 204 };
        if (replica.region === registry.home) {
          throw new ArmError(400, 'InvalidRequest', 'The replication of the home region cannot be deleted.');
        }
        registry.replicas.delete(replica.name.toLowerCase());
        report(registry, request, replicationType, replica.id);
        return { status: 200 };
      },
    },
    {
      name: 'Replications_OperationStatus',
      method: 'GET',
      path: `${path}/operationStatuses/{operationId}`,
      handle: (request) => running.status(request.param('operationId')),
    },
  ];
}

function update(
  replica: Replica,
  change: Parameters<Replications['write']>[1],
  request: ArmRequest,
  { replications }: ReplicationOperationsParts,
): string | undefined {
  const { tags, globalRouting } = replica;
  replications.write(replica, change, writerOf(request));
  return replications.settle(replica, 'Updating', () => Object.assign(replica, { tags, globalRouting }));
}

function create(
  request: ArmRequest,
  { replications, copies, registryOf }: ReplicationOperationsParts,
  written: (request: ArmRequest, replica: Replica, operation: string | undefined) => ArmAnswer,
): ArmAnswer {
  const name = request.param('replication');
  checkName('replication', name);
  const registry: Registry = registryOf(request);
  if (registry.sku !== 'Premium') {
    throw new ArmError(400, 'SkuNotSupported', 'Replications are only supported for Premium registries.');
  }
  const { location, tags, properties } = parsed(createSchema, request.body);
  const { regionEndpointEnabled: globalRouting, zoneRedundancy } = properties;
  const content = { tags, globalRouting, zoneRedundancy };
  const replica = replications.add(registry, name, regionOf(location), writerOf(request), content);
  copies.seed(registry, replica);
  // A creation that fails leaves a replication behind which says so.
  return written(
    request,
    replica,
    replications.settle(replica, 'Creating', () => undefined),
  );
}
