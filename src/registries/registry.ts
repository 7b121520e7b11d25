import type { Endpoint } from '../settings/endpoint.ts';
import type { Region } from './replica.ts';

/** One geo-replicated container registry that evenkeel watches: an entry of `REGISTRIES`. */
export interface Registry {
  /** The ARM id as it was configured. */
  readonly id: string;
  /** In lower case; registry names are unique in all of Azure, so that this is a key. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The replicas that must hold an image before it counts as replicated. */
  readonly regions: 'all' | readonly Region[];
  /** The objective: an image that is not everywhere after this time is stalled. */
  readonly replicationSloMs: number;
  /** Whether regional endpoints may be asked. */
  readonly probe: boolean;
  readonly minimumRoutable: number;
  /** Regional endpoints that differ from those that follow from the login server. */
  readonly endpoints: ReadonlyMap<Region, Endpoint>;
  readonly policy: readonly RoutingRule[];
  /** Overrides `REVIEW_RAISE` and `REVIEW_CLEAR`. */
  readonly review: { readonly raise?: RaiseRule; readonly clear?: number };
}

/** What an operator decided about a region's part in global routing. */
export type RoutingRule =
  | { readonly region: Region; readonly routing: 'never' }
  | { readonly region: Region; readonly routing: 'off'; readonly from: Date; readonly to: Date };

/** So many bad reviews of the last so many: `3/5`. */
export interface RaiseRule {
  readonly bad: number;
  readonly of: number;
}

/** A container registry as Azure Resource Manager names it. */
interface RegistryId {
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

/**
 * | text                                | name         |
 * |-------------------------------------|--------------|
 * | `MyRegistry`                        | `myregistry` |
 * | `myregistry.azurecr.io`             | `myregistry` |
 * | `myregistry.eastus.geo.azurecr.io`  | `myregistry` |
 * | `myregistry-abc123.azurecr.io`      | `myregistry` |
 *
 * A domain name label follows the name after a hyphen, and names hold none.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry
 */
export function registryNameOf(nameOrHost: string): string {
  const host = nameOrHost.trim().toLowerCase();
  return host.includes('.') ? host.replace(/[.-].*$/, '') : host;
}

/** A registry that `REGISTRIES` names and Azure does not have. */
export class RegistryMissingError extends Error {
  override readonly name = 'RegistryMissingError';
  constructor(id: string) {
    super(
      `the container registry ${id} does not exist: create it, or correct or remove its entry in REGISTRIES`,
    );
  }
}

/** Reviews that are remembered of a replica, which bounds what one entity holds. */
export const maxReviews = 20;

/** What {@link parseRaiseRule} takes, for the message of a setting. */
export const raiseRuleExpected = `bad/of such as 3/5, with 1 <= bad <= of <= ${maxReviews}`;

/** Of `3/5`: three bad reviews of the last five. `undefined` for anything else. */
export function parseRaiseRule(text: string): RaiseRule | undefined {
  const [, bad, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text.trim())?.map(Number) ?? [];
  if (bad === undefined || of === undefined) return undefined;
  return bad >= 1 && bad <= of && of <= maxReviews ? { bad, of } : undefined;
}
