import { AddressPool } from './address-pool.ts';

/** A subnet known from the start. */
export interface SubnetOptions {
  /** IPv4 prefix, such as `10.1.0.0/24`. */
  readonly prefix: string;
  /** ARM id of the subnet; by default one in the resource group. */
  readonly id?: string;
  /** Container groups of this resource group that name no subnet of their own come here. */
  readonly resourceGroup?: string;
}

/** The pool of addresses of each subnet; one that was not announced gets its pool on first use. */
export class Subnets {
  private readonly byId = new Map<string, AddressPool>();
  private readonly byResourceGroup = new Map<string, AddressPool>();
  // RFC 2544 benchmark addresses stand for public ones: nobody uses them.
  readonly publicPool = new AddressPool('public', '198.18.0.0/15');
  private unannounced = 0;

  constructor(subnets: readonly SubnetOptions[], subscriptionId: string) {
    for (const { prefix, id, resourceGroup } of subnets) {
      const subnetId = id ?? defaultSubnetId(subscriptionId, resourceGroup ?? 'rg-network');
      const pool = new AddressPool(subnetId, prefix);
      this.byId.set(subnetId.toLowerCase(), pool);
      if (resourceGroup !== undefined) this.byResourceGroup.set(resourceGroup.toLowerCase(), pool);
    }
  }

  withId(subnetId: string): AddressPool {
    const key = subnetId.toLowerCase();
    const found = this.byId.get(key);
    if (found !== undefined) return found;
    const pool = new AddressPool(subnetId, this.nextPrefix());
    this.byId.set(key, pool);
    return pool;
  }

  ofResourceGroup(subscriptionId: string, resourceGroup: string): AddressPool {
    return (
      this.byResourceGroup.get(resourceGroup.toLowerCase()) ??
      this.withId(defaultSubnetId(subscriptionId, resourceGroup))
    );
  }

  private nextPrefix(): string {
    this.unannounced += 1;
    return `10.${100 + (this.unannounced % 150)}.0.0/16`;
  }
}

const defaultSubnetId = (subscriptionId: string, resourceGroup: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/containers`;
