import * as v from 'valibot';
import { resourceNotFound } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { type Replica, renderReplica, replicationType } from './replica.ts';
import type { Replications } from './replications.ts';
import type { RegistryReport } from './report.ts';
import { parsed, type RegistryOf, registryPath, writerOf } from './requests.ts';

const updateSchema = v.object({
  tags: v.optional(v.record(v.string(), v.string())),
  properties: v.optional(v.object({ regionEndpointEnabled: v.optional(v.boolean()) }), {}),
});

const listPath = `${registryPath}/replications`;
const path = `${listPath}/{replication}`;

export interface ReplicationOperationsParts {
  readonly replications: Replications;
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
  const get = (request: ArmRequest): Replica => {
    const found = registryOf(request).replicas.get(request.param('replication').toLowerCase());
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
  return replications.settle(replica, () => Object.assign(replica, { tags, globalRouting }));
}
