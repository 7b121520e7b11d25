import { type ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import {
  type ContainerGroupId,
  type GroupAnswer,
  interpretGroup,
  type LiveGroup,
  parseContainerGroupId,
} from '../../dns/container-group.ts';
import type { ContainerGroupLister, ContainerGroupReader, ListedGroup } from '../../dns/ports.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { parseJson } from '../../lib/json.ts';
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
    prepareClient(client, access);
    client.pipeline.addPolicy(keepNetworkProfile, { afterPhase: 'Deserialize' });
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
        const group = await callInTime(deadline, (abortSignal) =>
          containerGroups.get(id.resourceGroup, id.name, { abortSignal }),
        );
        return interpretGroup(answerOf(group));
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

/**
 * https://learn.microsoft.com/rest/api/container-instances/container-groups/list
 *
 * A resource group that does not exist has no container groups.
 */
const containerGroupLister = (clientOf: ClientOf): ContainerGroupLister => ({
  async *list({ subscriptionId, resourceGroup }, deadline) {
    const { containerGroups } = clientOf(subscriptionId);
    try {
      const pages = pagesInTime(deadline, (abortSignal) =>
        resourceGroup === undefined
          ? containerGroups.list({ abortSignal })
          : containerGroups.listByResourceGroup(resourceGroup, { abortSignal }),
      );
      for await (const page of pages) yield page.flatMap(listedOf);
    } catch (error) {
      if (resourceGroup !== undefined && isResourceGroupMissing(error)) return;
      const inGroup = resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`;
      throw toCallError(error, {
        operation: 'list container groups',
        scope: `/subscriptions/${subscriptionId}${inGroup}`,
        role: 'Reader',
        quota: quotaOf(subscriptionId),
      });
    }
  },
});

function isResourceGroupMissing(error: unknown): boolean {
  const { status, code } = refusalOf(error) ?? {};
  return status === 404 && /^ResourceGroupNotFound$/i.test(code ?? '');
}

/** Azure counts the reads of a subscription, not those of a container group. */
const quotaOf = (subscriptionId: string): string => `/subscriptions/${subscriptionId.toLowerCase()}`;

/** Leaves out what has no id of a container group, which cannot be compared with anything. */
function listedOf(group: ContainerGroup): ListedGroup[] {
  const id = parseContainerGroupId(group.id ?? '');
  return id === undefined ? [] : [{ id, live: interpretGroup(answerOf(group)) }];
}

/** https://learn.microsoft.com/azure/container-instances/container-state */
function isFinished({ instanceView, containers }: ContainerGroup): boolean {
  if (/^(Succeeded|Failed)$/i.test(instanceView?.state ?? '')) return true;
  const states = (containers ?? []).map((container) => container.instanceView?.currentState?.state ?? '');
  return states.length > 0 && states.every((state) => /^Terminated$/i.test(state));
}

const answerOf = (group: ContainerGroup): GroupAnswer => ({
  kind: 'found',
  provisioningState: group.provisioningState,
  state: group.instanceView?.state,
  // The SDK passes on a `null` of the service.
  ipAddress: group.ipAddress
    ? { type: group.ipAddress.type, ip: group.ipAddress.ip ?? undefined }
    : undefined,
  hasNetwork: (group.subnetIds ?? []).length > 0 || 'networkProfile' in group,
  isFinished: isFinished(group),
  tags: group.tags ?? {},
});

const profileSchema = v.looseObject({ properties: v.looseObject({ networkProfile: v.looseObject({}) }) });
const pageSchema = v.looseObject({ value: v.array(v.unknown()) });

/**
 * Groups of an older version of the API are in a network through a network profile, which the SDK does not know. Of
 * what it does not know it keeps the members of a resource, but not those of its `properties`; so the profile is moved.
 * https://learn.microsoft.com/azure/container-instances/container-instances-virtual-network-concepts
 */
const keepNetworkProfile: PipelinePolicy = {
  name: 'evenkeelNetworkProfile',
  async sendRequest(request, next) {
    const response = await next(request);
    if (!response.bodyAsText?.includes('"networkProfile"')) return response;
    const body = parseJson(response.bodyAsText);
    const page = v.safeParse(pageSchema, body);
    const kept = page.success
      ? { ...page.output, value: page.output.value.map(withNetworkProfile) }
      : withNetworkProfile(body);
    response.bodyAsText = JSON.stringify(kept);
    return response;
  },
};

function withNetworkProfile(group: unknown): unknown {
  const parsed = v.safeParse(profileSchema, group);
  return parsed.success
    ? { ...parsed.output, networkProfile: parsed.output.properties.networkProfile }
    : group;
}
