import type { Endpoint } from '../settings/endpoint.ts';
import type { Region } from './region.ts';

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
