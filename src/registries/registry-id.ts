/** A container registry as Azure Resource Manager names it. */
export interface RegistryId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** In lower case. */
  readonly name: string;
}

const registryIdPattern =
  /^\/subscriptions\/([^/\s]+)\/resourcegroups\/([^/\s]+)\/providers\/microsoft\.containerregistry\/registries\/([a-z0-9]{1,50})$/i;

/** Returns `undefined` for anything but the id of a registry itself, child resources included. */
export function parseRegistryId(armId: string): RegistryId | undefined {
  const [, subscriptionId, resourceGroup, name] = registryIdPattern.exec(armId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name: name.toLowerCase() };
}
