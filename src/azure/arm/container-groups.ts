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
import { type ReadResource, resourceReads } from './resource-reads.ts';

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
    const read = resourceReads(client, access, client.apiVersion);
    prepareClient(client, access);
    client.pipeline.addPolicy(keepNetworkProfiles, { afterPhase: 'Deserialize' });
    return { read, containerGroups: client.containerGroups };
  });
  return { reader: containerGroupReader(clientOf), lister: containerGroupLister(clientOf) };
}

type ClientOf = (subscriptionId: string) => {
  readonly read: ReadResource;
  readonly containerGroups: ContainerInstanceManagementClient['containerGroups'];
};

const textSchema = v.nullish(v.string());
const statesSchema = v.nullish(v.object({ currentState: v.nullish(v.object({ state: textSchema })) }));
const groupSchema = v.object({
  tags: v.nullish(v.record(v.string(), v.string())),
  properties: v.object({
    provisioningState: textSchema,
    instanceView: v.nullish(v.object({ state: textSchema })),
    ipAddress: v.nullish(v.object({ type: textSchema, ip: textSchema })),
    subnetIds: v.nullish(v.array(v.unknown())),
    networkProfile: v.optional(v.unknown()),
    containers: v.nullish(
      v.array(v.object({ properties: v.nullish(v.object({ instanceView: statesSchema })) })),
    ),
  }),
});

/** https://learn.microsoft.com/rest/api/container-instances/container-groups/get */
function containerGroupReader(clientOf: ClientOf): ContainerGroupReader {
  return {
    async read(id: ContainerGroupId, deadline: Deadline): Promise<LiveGroup> {
      try {
        const { read } = clientOf(id.subscriptionId);
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
  const networkProfile = 'networkProfile' in group ? group.networkProfile : undefined;
  return id === undefined ? [] : [{ id, live: interpretGroup(answerOf({ ...group, networkProfile })) }];
}

type Properties = v.InferOutput<typeof groupSchema>['properties'];

/** What a container group shows, as a listing of the SDK and {@link groupSchema} have it. */
interface ShownGroup extends Partial<Omit<Properties, 'containers'>> {
  readonly containers?: readonly { readonly instanceView?: v.InferOutput<typeof statesSchema> }[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | null | undefined;
}

/** https://learn.microsoft.com/azure/container-instances/container-state */
function isFinished({ instanceView, containers }: ShownGroup): boolean {
  if (/^(Succeeded|Failed)$/i.test(instanceView?.state ?? '')) return true;
  const states = (containers ?? []).map((container) => container.instanceView?.currentState?.state ?? '');
  return states.length > 0 && states.every((state) => /^Terminated$/i.test(state));
}

const answerOf = (group: ShownGroup): GroupAnswer => ({
  kind: 'found',
  provisioningState: group.provisioningState ?? undefined,
  state: group.instanceView?.state ?? undefined,
  ipAddress: group.ipAddress
    ? { type: group.ipAddress.type ?? '', ip: group.ipAddress.ip ?? undefined }
    : undefined,
  hasNetwork: (group.subnetIds ?? []).length > 0 || typeof (group.networkProfile ?? undefined) === 'object',
  isFinished: isFinished(group),
  tags: group.tags ?? {},
});

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
