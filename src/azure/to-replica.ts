import type { Replication } from '@azure/arm-containerregistry';
import { regionOf } from '../registries/region.ts';
import type { Replica } from '../registries/replica.ts';

/** https://learn.microsoft.com/rest/api/containerregistry/replications/get */
export const toReplica = (replication: Replication): Replica => ({
  id: replication.id ?? '',
  name: replication.name ?? '',
  region: regionOf(replication.location),
  provisioningState: replication.provisioningState ?? 'Unknown',
  displayStatus: replication.status?.displayStatus,
  statusMessage: replication.status?.message,
  globalRouting: globalRoutingOf(replication.regionEndpointEnabled),
  tags: replication.tags ?? {},
  lastModifiedBy: replication.systemData?.lastModifiedBy,
});

/**
 * ARM's name is about global routing only: the regional endpoints of a registry are another switch. A replication
 * that was created without it is routed, but an answer that leaves it out is no evidence for either.
 */
function globalRoutingOf(regionEndpointEnabled: boolean | undefined): Replica['globalRouting'] {
  if (regionEndpointEnabled === true) return 'enabled';
  return regionEndpointEnabled === false ? 'disabled' : 'unknown';
}
