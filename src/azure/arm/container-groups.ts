import { type ContainerGroupId, interpretGroup, type LiveGroup } from '../../dns/container-group.ts';
import type { ContainerGroupLister, ContainerGroupReader } from '../../dns/ports.ts';
import { once } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { type ArmAccess, callInTime } from './client.ts';
import { refusalOf, toCallError } from './errors.ts';
import { type ReadResource, resourceReads } from './resource-reads.ts';
import { answerOf, apiVersion, groupSchema, quotaOf } from './shown-group.ts';

/** The SDK is loaded with the first listing: events only read. */
export function containerGroupAdapters(access: ArmAccess): {
  reader: ContainerGroupReader;
  lister: ContainerGroupLister;
} {
  const loadLister = once(async () => {
    const { containerGroupLister } = await import('./container-group-lister.ts');
    return containerGroupLister(access);
  });
  return {
    reader: containerGroupReader(resourceReads(access, apiVersion)),
    lister: {
      async *list(...args) {
        yield* (await loadLister()).list(...args);
      },
    },
  };
}

/** https://learn.microsoft.com/rest/api/container-instances/container-groups/get */
function containerGroupReader(read: ReadResource): ContainerGroupReader {
  return {
    async read(id: ContainerGroupId, deadline: Deadline): Promise<LiveGroup> {
      try {
        const { tags, properties } = await callInTime(deadline, (abortSignal) =>
          read(armIdOf(id), groupSchema, abortSignal),
        );
        const containers = properties.containers?.map((container) => container.properties ?? {});
        return interpretGroup(answerOf({ ...properties, containers, tags }));
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal?.status === 404) return interpretGroup({ kind: 'refused', ...refusal });
        throw toCallError(error, {
          operation: 'read container group',
          scope: id.key,
          role: 'Reader',
          quota: quotaOf(id.subscriptionId),
        });
      }
    },
  };
}

const armIdOf = ({ subscriptionId, resourceGroup, name }: ContainerGroupId): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
