import { ContainerRegistryManagementClient, type Replication } from '@azure/arm-containerregistry';
import { unlessAborted } from '../../lib/async.ts';
import { RefusedCallError, ThrottledError, UncertainCallError } from '../../lib/errors.ts';
import type { RegistryReader, ReplicaWriter } from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import { type Replica, regionOf } from '../../registries/replica.ts';
import { roleAssignmentModeOf } from '../../registries/role-assignment-mode.ts';
import {
  type ArmAccess,
  armClientOptions,
  callInTime,
  clientPerSubscription,
  credentialOf,
  pagesInTime,
  prepareClient,
} from './client.ts';
import { refusalOf, toCallError } from './errors.ts';

/** The adapters share their clients. A composition that must not write leaves the writer out. */
export function registryAdapters(access: ArmAccess): { reader: RegistryReader; writer: ReplicaWriter } {
  const clientFor = clientPerSubscription((subscriptionId) => {
    const client = new ContainerRegistryManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentials: { scopes: [access.audience] },
    });
    prepareClient(client, access);
    return client;
  });
  const clientOf: ClientOf = ({ subscriptionId }) => clientFor(subscriptionId);
  return { reader: registryReader(clientOf), writer: replicaWriter(clientOf) };
}

type ClientOf = (registry: Registry) => ContainerRegistryManagementClient;

/** AcrPull lets an identity read images, but not the registry's own resource. */
const readerRole =
  'Container Registry Configuration Reader and Data Access Configuration Reader (or one that allows Microsoft.ContainerRegistry/registries/read and Microsoft.ContainerRegistry/registries/replications/read; AcrPull does not)';

const registryReader = (clientOf: ClientOf): RegistryReader => ({
  /** https://learn.microsoft.com/rest/api/containerregistry/registries/get */
  async read(registry, deadline) {
    const { registries } = clientOf(registry);
    const call = { operation: 'read container registry', scope: registry.id, role: readerRole };
    const found = await callInTime(deadline, (abortSignal) =>
      registries.get(registry.resourceGroup, registry.name, { abortSignal }),
    ).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw toCallError(error, call);
    });
    if (found === undefined) return undefined;
    const { loginServer, location, roleAssignmentMode } = found;
    // A registry that is still being created may have none yet.
    if (!loginServer)
      throw new UncertainCallError(call.operation, call.scope, 'the answer names no login server');
    return {
      loginServer: loginServer.toLowerCase(),
      location: regionOf(location),
      roleAssignmentMode: roleAssignmentModeOf(roleAssignmentMode),
    };
  },

  /** https://learn.microsoft.com/rest/api/containerregistry/replications/list */
  async listReplicas(registry, deadline) {
    const { replications } = clientOf(registry);
    const pages = pagesInTime(deadline, (abortSignal) =>
      replications.list(registry.resourceGroup, registry.name, { abortSignal }),
    );
    const replicas: Replica[] = [];
    try {
      for await (const page of pages) replicas.push(...page.map(toReplica));
      return replicas;
    } catch (error) {
      throw toCallError(error, { operation: 'list replications', scope: registry.id, role: readerRole });
    }
  },

  async readReplica(registry, name, deadline) {
    const { replications } = clientOf(registry);
    try {
      const replication = await callInTime(deadline, (abortSignal) =>
        replications.get(registry.resourceGroup, registry.name, name, { abortSignal }),
      );
      return toReplica(replication);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      const scope = `${registry.id}/replications/${name}`;
      throw toCallError(error, { operation: 'read replication', scope, role: readerRole });
    }
  },
});

/** A subscription that is not found proves nothing: the identity may not be allowed to see it. */
function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return (
    refusal?.status === 404 &&
    /^(ResourceNotFound|ParentResourceNotFound|ResourceGroupNotFound)$/i.test(refusal.code ?? '')
  );
}

const operation = 'set global routing of replication';
const writerRole =
  'Container Registry Contributor and Data Access Configuration Administrator (or one that allows Microsoft.ContainerRegistry/registries/replications/write)';

/** https://learn.microsoft.com/rest/api/containerregistry/replications/update */
const replicaWriter = (clientOf: ClientOf): ReplicaWriter => ({
  async setGlobalRouting(registry, replicaName, { enabled, tags }, deadline) {
    const { replications } = clientOf(registry);
    const { resourceGroup, name } = registry;
    const scope = `${registry.id}/replications/${replicaName}`;
    const change = { regionEndpointEnabled: enabled, tags: { ...tags } };
    const options = { abortSignal: deadline.signal };
    const update = replications.update(resourceGroup, name, replicaName, change, options);
    try {
      await callInTime(deadline, () => update.submitted());
    } catch (error) {
      const failure = toCallError(error, { operation, scope, role: writerRole });
      // This write has no condition that would tell later whether it took effect, and a service that is too busy does
      // not tell either.
      if (failure instanceof ThrottledError && failure.status !== 429)
        throw new UncertainCallError(operation, scope, String(failure.status), { cause: error });
      throw failure;
    }
    let replication: Replication;
    try {
      replication = await unlessAborted(deadline.signal, update.pollUntilDone(options));
    } catch (error) {
      // A change that has failed is reported as a plain error. Any other error is that of a poll and says nothing about
      // the change, although the SDK then reports the operation as failed.
      const status = update.operationState?.status;
      const isPlain = error instanceof Error && error.name === 'Error';
      const hasEnded = isPlain && (status === 'failed' || status === 'canceled');
      if (!hasEnded) return 'running';
      const detail = error instanceof Error ? error.message : status;
      throw new RefusedCallError(operation, scope, detail, { cause: error });
    }
    return outcomeOf(replication, scope);
  },
});

/** The SDK takes an answer of 200 for the end, even if its body says that the change is still running. */
function outcomeOf({ provisioningState, status }: Replication, scope: string): 'done' | 'running' {
  if (provisioningState === 'Succeeded') return 'done';
  if (provisioningState !== 'Failed' && provisioningState !== 'Canceled') return 'running';
  const detail = `it ended as ${provisioningState}: ${status?.message ?? 'without a message'}`;
  throw new RefusedCallError(operation, scope, detail);
}

/** https://learn.microsoft.com/rest/api/containerregistry/replications/get */
export const toReplica = (replication: Replication): Replica => ({
  id: replication.id ?? '',
  name: replication.name ?? '',
  region: regionOf(replication.location),
  provisioningState: replication.provisioningState ?? 'Unknown',
  displayStatus: replication.status?.displayStatus,
  statusMessage: replication.status?.message,
  globalRouting: globalRoutingOf(replication.regionEndpointEnabled),
  tags: replication.tags ?? {},
  lastModifiedBy: replication.systemData?.lastModifiedBy,
});

/**
 * ARM's `regionEndpointEnabled` concerns global routing only; a registry's regional endpoints are another switch. A
 * replication that was created without it is routed, but an answer without it is no evidence for either state.
 */
function globalRoutingOf(regionEndpointEnabled: boolean | undefined): Replica['globalRouting'] {
  if (regionEndpointEnabled === true) return 'enabled';
  return regionEndpointEnabled === false ? 'disabled' : 'unknown';
}
