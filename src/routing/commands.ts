import type { Registry } from '../registries/registry.ts';
import { tagName } from './ownership-tag.ts';

/** What an operator runs by hand; `--global-endpoint-routing` is the command line's `regionEndpointEnabled`. */
export interface RoutingCommands {
  readonly off: string;
  readonly on: string;
}

/** https://learn.microsoft.com/cli/azure/acr/replication#az-acr-replication-update */
export function routingCommands(
  { name, resourceGroup, subscriptionId }: Pick<Registry, 'name' | 'resourceGroup' | 'subscriptionId'>,
  replicaName: string,
): RoutingCommands {
  const target = `--registry ${quoted(name)} --name ${quoted(replicaName)}`;
  const scope = `--resource-group ${quoted(resourceGroup)} --subscription ${quoted(subscriptionId)}`;
  const update = `az acr replication update ${target} ${scope} --global-endpoint-routing`;
  return { off: `${update} false`, on: `${update} true` };
}

/**
 * Ends a contest: evenkeel manages the replica again.
 * https://learn.microsoft.com/cli/azure/tag#az-tag-update
 */
export const resumeCommand = (replicationId: string, now: Date): string =>
  `az tag update --resource-id ${quoted(replicationId)} --operation Merge --tags ${tagName}=resume-${now.toISOString()}`;

/** Names of resource groups may hold parentheses. */
const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
