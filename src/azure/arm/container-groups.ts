import { type ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import {
  type ContainerGroupId,
  type GroupAnswer,
  interpretGroup,
  type LiveGroup,
  parseContainerGroupId,
} from '../../dns/container-group.ts';
import type { ContainerGroupLister, ContainerGroupReader, ListedGroup } from '../../dns/ports.ts';
import type { Deadline } from '../../lib/deadline.ts';
import {
  type ArmAccess,
  adaptPipeline,
  armClientOptions,
  callSignal,
  clientPerSubscription,
  credentialOf,
} from './client.ts';
import { refusalOf, toCallError } from './errors.ts';

/** The reader and the lister share their clients. */
export function containerGroupAdapters(access: ArmAccess): {
  reader: ContainerGroupReader;
  lister: ContainerGroupLister;
} {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new ContainerInstanceManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentialScopes: access.audience,
    });
    adaptPipeline(client, access);
    return client;
  });
  return { reader: containerGroupReader(clientOf), lister: containerGroupLister(clientOf) };
}

type ClientOf = (subscriptionId: string) => ContainerInstanceManagementClient;

/** https://learn.microsoft.com/rest/api/container-instances/container-groups/get */
function containerGroupReader(clientOf: ClientOf): ContainerGroupReader {
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

/** https://learn.microsoft.com/rest/api/container-instances/container-groups/list */
const containerGroupLister = (clientOf: ClientOf): ContainerGroupLister => ({
  async *list({ subscriptionId, resourceGroup }, deadline) {
    const { containerGroups } = clientOf(subscriptionId);
    const options = { abortSignal: deadline.signal };
    const groups =
      resourceGroup === undefined
        ? containerGroups.list(options)
        : containerGroups.listByResourceGroup(resourceGroup, options);
    try {
      for await (const page of groups.byPage()) yield page.flatMap(listedOf);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.status === 404 && /^ResourceGroupNotFound$/i.test(refusal.code ?? '')) return;
      const inGroup = resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`;
      const scope = `/subscriptions/${subscriptionId}${inGroup}`;
      throw toCallError(error, { operation: 'list container groups', scope, role: 'Reader' });
    }
  },
});

/** Leaves out a group without a readable id, which cannot be compared with anything. */
function listedOf(group: ContainerGroup): ListedGroup[] {
  const id = parseContainerGroupId(group.id ?? '');
  return id === undefined ? [] : [{ id, live: interpretGroup(answerOf(group)) }];
}

/** https://learn.microsoft.com/azure/container-instances/container-state */
function isFinished({ instanceView, containers }: ContainerGroup): boolean {
  if (/^(Succeeded|Failed)$/i.test(instanceView?.state ?? '')) return true;
  const states = containers.map((container) => container.instanceView?.currentState?.state ?? '');
  return states.length > 0 && states.every((state) => /^Terminated$/i.test(state));
}

const answerOf = (group: ContainerGroup): GroupAnswer => ({
  kind: 'found',
  provisioningState: group.provisioningState,
  state: group.instanceView?.state,
  ipAddress: group.ipAddress && { type: group.ipAddress.type, ip: group.ipAddress.ip ?? undefined },
  hasNetwork: (group.subnetIds ?? []).length > 0 || 'networkProfile' in group,
  isFinished: isFinished(group),
  tags: group.tags ?? {},
});
