import { type ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import type { ContainerGroupId } from '../container-group-id.ts';
import { type GroupAnswer, interpretGroup, type LiveGroup } from '../dns/live-group.ts';
import type { ContainerGroupReader, Deadline } from '../dns/ports.ts';
import {
  type ArmAccess,
  adaptPipeline,
  armClientOptions,
  callSignal,
  clientPerSubscription,
  credentialOf,
} from './arm.ts';
import { refusalOf, toCallError } from './failure.ts';

/** https://learn.microsoft.com/rest/api/container-instances/container-groups/get */
export function containerGroupReader(access: ArmAccess): ContainerGroupReader {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new ContainerInstanceManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentialScopes: access.audience,
    });
    adaptPipeline(client, access);
    return client;
  });
  return {
    async read(id: ContainerGroupId, deadline: Deadline): Promise<LiveGroup> {
      try {
        const { containerGroups } = clientOf(id.subscriptionId);
        const options = { abortSignal: callSignal(deadline) };
        return interpretGroup(answerOf(await containerGroups.get(id.resourceGroup, id.name, options)));
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal?.status === 404) return interpretGroup({ kind: 'refused', ...refusal });
        throw toCallError(error, { operation: 'read container group', scope: id.key, role: 'Reader' });
      }
    },
  };
}

const answerOf = (group: ContainerGroup): GroupAnswer => ({
  kind: 'found',
  provisioningState: group.provisioningState,
  state: group.instanceView?.state,
  ipAddress: group.ipAddress && { type: group.ipAddress.type, ip: group.ipAddress.ip ?? undefined },
  hasSubnet: (group.subnetIds ?? []).length > 0,
});
