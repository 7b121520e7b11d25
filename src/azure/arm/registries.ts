import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { UncertainCallError } from '../../lib/errors.ts';
import type { RegistryReader, ReplicaWriter } from '../../registries/ports.ts';
import { regionOf } from '../../registries/region.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Replica } from '../../registries/replica.ts';
import { unlessAborted } from '../../unless-aborted.ts';
import { replicaWriter } from '../replica-writer.ts';
import { toReplica } from '../to-replica.ts';
import {
  type ArmAccess,
  adaptPipeline,
  armClientOptions,
  callSignal,
  clientPerSubscription,
  credentialOf,
} from './client.ts';
import { refusalOf, toCallError } from './errors.ts';

/** The adapters share their clients; a composition that must not write leaves the writer out. */
export function registryAdapters(access: ArmAccess): { reader: RegistryReader; writer: ReplicaWriter } {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new ContainerRegistryManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentials: { scopes: [access.audience] },
    });
    adaptPipeline(client, access);
    return client;
  });
  return {
    reader: registryReader(({ subscriptionId }) => clientOf(subscriptionId)),
    writer: replicaWriter(({ subscriptionId }) => clientOf(subscriptionId).replications),
  };
}

/** AcrPull, which lets an identity read images, does not let it read the registry at Resource Manager. */
const readerRole =
  'Container Registry Configuration Reader and Data Access Configuration Reader (or one that allows Microsoft.ContainerRegistry/registries/read and Microsoft.ContainerRegistry/registries/replications/read; AcrPull does not)';

const registryReader = (
  clientOf: (registry: Registry) => ContainerRegistryManagementClient,
): RegistryReader => ({
  /** https://learn.microsoft.com/rest/api/containerregistry/registries/get */
  async read(registry, deadline) {
    const { registries } = clientOf(registry);
    const call = { operation: 'read container registry', scope: registry.id, role: readerRole };
    const options = { abortSignal: callSignal(deadline) };
    const found = await registries
      .get(registry.resourceGroup, registry.name, options)
      .catch((error: unknown) => {
        if (isAbsent(error)) return undefined;
        throw toCallError(error, call);
      });
    if (found === undefined) return undefined;
    const { loginServer, location } = found;
    // One that is still being created may not show it yet.
    if (!loginServer)
      throw new UncertainCallError(call.operation, call.scope, 'the answer names no login server');
    return { loginServer: loginServer.toLowerCase(), location: regionOf(location) };
  },

  /** https://learn.microsoft.com/rest/api/containerregistry/replications/list */
  async listReplicas(registry, deadline) {
    const { replications } = clientOf(registry);
    const pages = replications
      .list(registry.resourceGroup, registry.name, { abortSignal: callSignal(deadline) })
      .byPage();
    const replicas: Replica[] = [];
    try {
      for (;;) {
        // The SDK gives its signal to the first page only.
        const page = await unlessAborted(callSignal(deadline), pages.next());
        if (page.done === true) return replicas;
        replicas.push(...page.value.map(toReplica));
      }
    } catch (error) {
      throw toCallError(error, { operation: 'list replications', scope: registry.id, role: readerRole });
    }
  },

  async readReplica(registry, name, deadline) {
    const { replications } = clientOf(registry);
    const options = { abortSignal: callSignal(deadline) };
    try {
      return toReplica(await replications.get(registry.resourceGroup, registry.name, name, options));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      const scope = `${registry.id}/replications/${name}`;
      throw toCallError(error, { operation: 'read replication', scope, role: readerRole });
    }
  },
});

/** A subscription that is not found is no proof: the identity may just not see it. */
function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return (
    refusal?.status === 404 &&
    /^(ResourceNotFound|ParentResourceNotFound|ResourceGroupNotFound)$/i.test(refusal.code ?? '')
  );
}
