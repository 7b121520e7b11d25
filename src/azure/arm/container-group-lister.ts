import { type ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import { interpretGroup, parseContainerGroupId } from '../../dns/container-group.ts';
import type { ContainerGroupLister, ListedGroup } from '../../dns/ports.ts';
import { parseJson } from '../../lib/json.ts';
import {
  type ArmAccess,
  armClientOptions,
  clientPerSubscription,
  credentialOf,
  pagesInTime,
  prepareClient,
} from './client.ts';
import { refusalOf, toCallError } from './errors.ts';
import { answerOf, apiVersion, quotaOf } from './shown-group.ts';

/**
 * https://learn.microsoft.com/rest/api/container-instances/container-groups/list
 *
 * A resource group that does not exist has no container groups.
 */
export function containerGroupLister(access: ArmAccess): ContainerGroupLister {
  const clientOf = clientPerSubscription((subscriptionId) => {
    const client = new ContainerInstanceManagementClient(credentialOf(access), subscriptionId, {
      ...armClientOptions(access),
      credentialScopes: access.audience,
      apiVersion,
    });
    prepareClient(client, access);
    client.pipeline.addPolicy(keepNetworkProfiles, { afterPhase: 'Deserialize' });
    return client;
  });
  return {
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
  };
}

function isResourceGroupMissing(error: unknown): boolean {
  const { status, code } = refusalOf(error) ?? {};
  return status === 404 && /^ResourceGroupNotFound$/i.test(code ?? '');
}

/** Leaves out what has no id of a container group, which cannot be compared with anything. */
function listedOf(group: ContainerGroup): ListedGroup[] {
  const id = parseContainerGroupId(group.id ?? '');
  const networkProfile = 'networkProfile' in group ? group.networkProfile : undefined;
  return id === undefined ? [] : [{ id, live: interpretGroup(answerOf({ ...group, networkProfile })) }];
}

const profileSchema = v.looseObject({ properties: v.looseObject({ networkProfile: v.looseObject({}) }) });
const pageSchema = v.looseObject({ value: v.array(v.unknown()) });

/**
 * Groups of an older version of the API are in a network through a network profile, which the SDK does not know. Of
 * what it does not know it keeps the members of a resource, but not those of its `properties`; so the profile is moved
 * in each page of a listing.
 * https://learn.microsoft.com/azure/container-instances/container-instances-virtual-network-concepts
 */
const keepNetworkProfiles: PipelinePolicy = {
  name: 'evenkeelNetworkProfiles',
  async sendRequest(request, next) {
    const response = await next(request);
    if (!response.bodyAsText?.includes('"networkProfile"')) return response;
    const page = v.safeParse(pageSchema, parseJson(response.bodyAsText));
    if (!page.success) return response;
    const value = page.output.value.map(withNetworkProfile);
    response.bodyAsText = JSON.stringify({ ...page.output, value });
    return response;
  },
};

function withNetworkProfile(group: unknown): unknown {
  const parsed = v.safeParse(profileSchema, group);
  return parsed.success
    ? { ...parsed.output, networkProfile: parsed.output.properties.networkProfile }
    : group;
}
