import type { ActivitySink } from '../arm/activity.ts';
import type { Operation } from '../arm/operation.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { StaleReads } from '../arm/stale-reads.ts';
import type { Clock } from '../clock.ts';
import { defaultPrivateDnsBehaviour, type PrivateDnsBehaviour } from './behaviour.ts';
import { ZoneControl } from './control.ts';
import { privateDnsOperations } from './operations.ts';
import { defaultQuotas, type QuotaOptions, Quotas } from './quotas.ts';
import { Zones } from './zones.ts';

interface PrivateDnsServiceParts {
  readonly clock: Clock;
  readonly resourceGroups: ResourceGroups;
  readonly staleReads: StaleReads;
  readonly activity: ActivitySink;
  readonly behaviour: Partial<PrivateDnsBehaviour> | undefined;
  readonly quotas: Partial<QuotaOptions> | undefined;
  /** The resource group of zones that name none. */
  readonly owner: { readonly subscriptionId: string; readonly resourceGroup: string };
}

interface PrivateDnsService {
  readonly zones: Zones;
  readonly control: ZoneControl;
  readonly operations: readonly Operation[];
}

/** Private DNS: zones with their record sets and quotas. */
export function privateDnsService(parts: PrivateDnsServiceParts): PrivateDnsService {
  const { clock, resourceGroups, activity, owner } = parts;
  const zones = new Zones(parts.staleReads);
  const quotas = new Quotas({ ...defaultQuotas, ...parts.quotas }, clock);
  const behaviour = { ...defaultPrivateDnsBehaviour, ...parts.behaviour };
  resourceGroups.onDelete.push(({ subscriptionId, name }) => {
    for (const zone of [...(zones.within(subscriptionId, name) ?? [])]) zones.delete(zone);
  });
  return {
    zones,
    control: new ZoneControl({ zones, resourceGroups, quotas, owner }),
    operations: privateDnsOperations({ zones, resourceGroups, quotas, behaviour, activity }),
  };
}
