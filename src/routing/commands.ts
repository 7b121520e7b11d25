import type { Registry } from '../registries/registry.ts';
import { tagName } from './ownership-tag.ts';

/** What an operator runs by hand; `--global-endpoint-routing` is the command line's `regionEndpointEnabled`. */
export interface RoutingCommands {
  readonly off: string;
  readonly on: string;
  /** How an older Azure CLI spells them. */
  readonly note: string;
}

/** The flag was renamed in 2.86, and the old one was removed in 2.87. */
const note = 'Azure CLI before 2.86 has --region-endpoint-enabled in place of --global-endpoint-routing';

/** https://learn.microsoft.com/cli/azure/acr/replication#az-acr-replication-update */
export function routingCommands(
  { name, resourceGroup, subscriptionId }: Pick<Registry, 'name' | 'resourceGroup' | 'subscriptionId'>,
  replicaName: string,
): RoutingCommands {
  const target = `--registry ${quoted(name)} --name ${quoted(replicaName)}`;
  const scope = `--resource-group ${quoted(resourceGroup)} --subscription ${quoted(subscriptionId)}`;
  const update = `az acr replication update ${target} ${scope} --global-endpoint-routing`;
  return { off: `${update} false`, on: `${update} true`, note };
}

/** What makes infrastructure code leave the routing of a replica alone. */
export interface InfrastructureCode {
  readonly terraform: string;
  readonly bicep: string;
}

/**
 * What ends a contest with infrastructure code.
 *
 * Terraform's `georeplications` is a list in which places shift, so that the whole of it is ignored; the attribute in it
 * is `global_endpoint_routing_enabled`, and was `regional_endpoint_enabled` up to version 4 of the provider. A Bicep
 * deployment writes the resource as a whole, and a property that it leaves out becomes true, so that it has to be given
 * the present value.
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_registry
 * https://learn.microsoft.com/azure/templates/microsoft.containerregistry/registries/replications
 */
export const infrastructureCode = (
  { name, resourceGroup, subscriptionId }: Parameters<typeof routingCommands>[0],
  replica: { readonly name: string },
): InfrastructureCode => ({
  terraform: 'lifecycle { ignore_changes = [georeplications] }',
  bicep: `regionEndpointEnabled: isRouted // param isRouted bool = true; deploy with --parameters isRouted=$(az acr replication show --registry ${quoted(name)} --name ${quoted(replica.name)} --resource-group ${quoted(resourceGroup)} --subscription ${quoted(subscriptionId)} --query regionEndpointEnabled --output tsv)`,
});

/**
 * Ends a contest: evenkeel manages the replica again.
 * https://learn.microsoft.com/cli/azure/tag#az-tag-update
 */
export const resumeCommand = (replicationId: string, now: Date): string =>
  `az tag update --resource-id ${quoted(replicationId)} --operation Merge --tags ${tagName}=resume-${now.toISOString()}`;

/** Ends a rehearsal. @param registry a name that means no other one. */
export const endRehearsalCommand = (registry: string, region: string): string =>
  `evenkeel rehearse ${quoted(registry)} ${quoted(region)} --end`;

/** Names of resource groups may hold parentheses. */
const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
