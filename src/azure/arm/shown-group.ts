import * as v from 'valibot';
import type { GroupAnswer } from '../../dns/container-group.ts';

/** Reads and listings show the same. */
export const apiVersion = '2023-05-01';

const textSchema = v.nullish(v.string());
const statesSchema = v.nullish(v.object({ currentState: v.nullish(v.object({ state: textSchema })) }));
/** A container group, as Resource Manager answers a read. */
export const groupSchema = v.object({
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

type Properties = v.InferOutput<typeof groupSchema>['properties'];

/** What a container group shows, as a listing of the SDK and {@link groupSchema} have it. */
export interface ShownGroup extends Partial<Omit<Properties, 'containers'>> {
  readonly containers?: readonly { readonly instanceView?: v.InferOutput<typeof statesSchema> }[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | null | undefined;
}

/** https://learn.microsoft.com/azure/container-instances/container-state */
function isFinished({ instanceView, containers }: ShownGroup): boolean {
  if (/^(Succeeded|Failed)$/i.test(instanceView?.state ?? '')) return true;
  const states = (containers ?? []).map((container) => container.instanceView?.currentState?.state ?? '');
  return states.length > 0 && states.every((state) => /^Terminated$/i.test(state));
}

export const answerOf = (group: ShownGroup): GroupAnswer => ({
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

/** Azure counts the reads of a subscription, not those of a container group. */
export const quotaOf = (subscriptionId: string): string => `/subscriptions/${subscriptionId.toLowerCase()}`;
