import type { ContainerRegistryManagementClient, Replication } from '@azure/arm-containerregistry';
import { isRestError } from '@azure/core-rest-pipeline';
import { RefusedCallError } from '../lib/errors.ts';
import type { ReplicaWriter } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { callSignal } from './arm/client.ts';
import { toCallError } from './arm/errors.ts';

type Replications = ContainerRegistryManagementClient['replications'];

const operation = 'set global routing of replication';
const writerRole =
  'Container Registry Contributor and Data Access Configuration Administrator (or one that allows Microsoft.ContainerRegistry/registries/replications/write)';

/** https://learn.microsoft.com/rest/api/containerregistry/replications/update */
export const replicaWriter = (replicationsOf: (registry: Registry) => Replications): ReplicaWriter => ({
  async setGlobalRouting(registry, replicaName, { enabled, tags }, deadline) {
    const scope = `${registry.id}/replications/${replicaName}`;
    const { resourceGroup, name } = registry;
    const change = { regionEndpointEnabled: enabled, tags: { ...tags } };
    const options = { abortSignal: deadline.signal };
    const update = replicationsOf(registry).update(resourceGroup, name, replicaName, change, options);
    try {
      await unlessAborted(callSignal(deadline), update.submitted());
    } catch (error) {
      throw toCallError(error, { operation, scope, role: writerRole });
    }
    let replication: Replication;
    try {
      replication = await update.pollUntilDone(options);
    } catch (error) {
      // That a poll was not answered says nothing of the change, though the SDK calls the operation failed then.
      // A change that did fail comes as a plain error without a code.
      const status = update.operationState?.status;
      const hasEnded = !isRestError(error) && (status === 'failed' || status === 'canceled');
      if (!hasEnded) return 'running';
      const detail = error instanceof Error ? error.message : status;
      throw new RefusedCallError(operation, scope, detail, { cause: error });
    }
    return outcomeOf(replication, scope);
  },
});

/** An answer of 200 is the end for the SDK, also where its body says that the change goes on. */
function outcomeOf({ provisioningState, status }: Replication, scope: string): 'done' | 'running' {
  if (provisioningState === 'Succeeded') return 'done';
  if (provisioningState !== 'Failed' && provisioningState !== 'Canceled') return 'running';
  const detail = `it ended as ${provisioningState}: ${status?.message ?? 'without a message'}`;
  throw new RefusedCallError(operation, scope, detail);
}
