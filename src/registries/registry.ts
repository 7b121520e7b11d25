import type { Endpoint } from '../settings/endpoint.ts';
import { isRegisteredDigest, isRepository, isTag } from './oci-reference.ts';
import type { Region } from './replica.ts';

/** A geo-replicated container registry that evenkeel watches: one entry of `REGISTRIES`. */
export interface Registry {
  /** The ARM id as it was configured. */
  readonly id: string;
  /**
   * The name in lower case, for people. It is unique within a domain name label scope only: what is stored of a registry
   * goes by its login server, and what a process keeps of it by {@link registryKey}.
   */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The replicas that must hold an image before it counts as replicated. */
  readonly regions: 'all' | readonly Region[];
  /** The objective: an image that is not in every region after this time is stalled. */
  readonly replicationSloMs: number;
  /** Whether evenkeel may call the regional endpoints; with `pull`, its reviews also pull from each of them. */
  readonly probe: boolean | 'pull';
  /** What reviews pull; `undefined`: the newest image that is known to be everywhere. */
  readonly probeImage: ImageReference | undefined;
  /** Custom host names, in lower case and without a port, beside the login server. */
  readonly hosts: readonly string[];
  /** A replica is switched off only while at least this many others are routed and not flagged. */
  readonly minimumRoutable: number;
  /** The base URLs of regional endpoints that do not follow from the login server. */
  readonly endpoints: ReadonlyMap<Region, Endpoint>;
  readonly policy: readonly RoutingRule[];
  /** Overrides `REVIEW_RAISE` and `REVIEW_CLEAR`. */
  readonly review: { readonly raise?: RaiseRule; readonly clear?: number };
}

export interface ImageReference {
  /** Such as `team/app`. */
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** @param text `repository:tag` or `repository@digest`. @returns `undefined` for any other text. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [, repository, tag, digest] = /^([^:@]+)(?::([^:@]+)|@(.+))$/.exec(text) ?? [];
  if (repository === undefined || !isRepository(repository) || startsWithRegistry.test(repository))
    return undefined;
  if (tag !== undefined) return isTag(tag) ? { repository, reference: tag } : undefined;
  return digest !== undefined && isRegisteredDigest(digest) ? { repository, reference: digest } : undefined;
}

/** A login server would pass for the first part of a repository. */
const startsWithRegistry = /^[^/]+\.azurecr\.(?:io|us|cn)\//;

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

/** The ARM id as a key: ids differ in more than their casing, and are known before anything else is. */
export const registryKey = (armId: string): string => armId.toLowerCase();

const registryIdPattern =
  /^\/subscriptions\/([^/\s]+)\/resourcegroups\/([^/\s]+)\/providers\/microsoft\.containerregistry\/registries\/([a-z0-9]{1,50})$/i;

/** @returns `undefined` for anything but the ARM id of a registry itself; the id of a child resource is none. */
export function parseRegistryId(armId: string): RegistryId | undefined {
  const [, subscriptionId, resourceGroup, name] = registryIdPattern.exec(armId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name: name.toLowerCase() };
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
