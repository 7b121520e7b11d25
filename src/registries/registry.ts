import type { Endpoint } from '../settings/endpoint.ts';
import type { Region } from './replica.ts';

/** A geo-replicated container registry that evenkeel watches: one entry of `REGISTRIES`. */
export interface Registry {
  /** The ARM id as it was configured. */
  readonly id: string;
  /** The name in lower case. Registry names are unique in all of Azure, so it serves as a key. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The replicas that must hold an image before it counts as replicated. */
  readonly regions: 'all' | readonly Region[];
  /** The objective: an image that is not in every region after this time is stalled. */
  readonly replicationSloMs: number;
  /** Whether evenkeel may call the regional endpoints. */
  readonly probe: boolean;
  /** A replica is switched off only while at least this many others are routed and not flagged. */
  readonly minimumRoutable: number;
  /** The base URLs of regional endpoints that do not follow from the login server. */
  readonly endpoints: ReadonlyMap<Region, Endpoint>;
  readonly policy: readonly RoutingRule[];
  /** Overrides `REVIEW_RAISE` and `REVIEW_CLEAR`. */
  readonly review: { readonly raise?: RaiseRule; readonly clear?: number };
}

/** An operator's decision to keep a region out of global routing, always or for a time. */
export type RoutingRule =
  | { readonly region: Region; readonly routing: 'never' }
  | { readonly region: Region; readonly routing: 'off'; readonly from: Date; readonly to: Date };

/** A container registry as Azure Resource Manager names it. */
interface RegistryId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The name in lower case. */
  readonly name: string;
}

const registryIdPattern =
  /^\/subscriptions\/([^/\s]+)\/resourcegroups\/([^/\s]+)\/providers\/microsoft\.containerregistry\/registries\/([a-z0-9]{1,50})$/i;

/** @returns `undefined` for anything but the ARM id of a registry itself; the id of a child resource is none. */
export function parseRegistryId(armId: string): RegistryId | undefined {
  const [, subscriptionId, resourceGroup, name] = registryIdPattern.exec(armId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name: name.toLowerCase() };
}

/**
 * The name of a registry, from the name itself or from one of the registry's hosts.
 *
 * | text                                | name         |
 * |-------------------------------------|--------------|
 * | `MyRegistry`                        | `myregistry` |
 * | `myregistry.azurecr.io`             | `myregistry` |
 * | `myregistry.eastus.geo.azurecr.io`  | `myregistry` |
 * | `myregistry-abc123.azurecr.io`      | `myregistry` |
 *
 * A domain name label follows the name after a hyphen, which no name contains.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry
 */
export function registryNameOf(nameOrHost: string): string {
  const host = nameOrHost.trim().toLowerCase();
  return host.includes('.') ? host.replace(/[.-].*$/, '') : host;
}

/** A registry that `REGISTRIES` names does not exist in Azure. */
export class RegistryMissingError extends Error {
  override readonly name = 'RegistryMissingError';
  constructor(id: string) {
    super(
      `the container registry ${id} does not exist: create it, or correct or remove its entry in REGISTRIES`,
    );
  }
}

/** Raises a flag after `bad` bad reviews of the last `of`: `3/5`. */
export interface RaiseRule {
  readonly bad: number;
  readonly of: number;
}

/** @returns the rule of a text such as `3/5`; `undefined` for any other text. */
export function parseRaiseRule(text: string): RaiseRule | undefined {
  const [, bad, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text.trim())?.map(Number) ?? [];
  if (bad === undefined || of === undefined) return undefined;
  return bad >= 1 && bad <= of && of <= maxReviews ? { bad, of } : undefined;
}

/** The number of reviews of a replica that are kept. It bounds the size of the stored state. */
export const maxReviews = 20;

/** What {@link parseRaiseRule} accepts, for the error of a setting. */
export const raiseRuleExpected = `bad/of such as 3/5, with 1 <= bad <= of <= ${maxReviews}`;
