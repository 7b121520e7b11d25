/** A container group as Azure Resource Manager names it. */
export interface ContainerGroupId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** The whole ARM id in lower case: Azure varies the casing of segments, so only this is ever compared. */
  readonly key: string;
}

const groupIdPattern =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerinstance\/containergroups\/([^/]+)$/i;

/** Returns `undefined` for anything but the id of a container group itself, child resources included. */
export function parseContainerGroupId(armId: string): ContainerGroupId | undefined {
  const [, subscriptionId, resourceGroup, name] = groupIdPattern.exec(armId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name, key: armId.toLowerCase() };
}
