import type { ActivitySink } from '../arm/activity.ts';
import type { ArmRequest } from '../arm/operation.ts';
import type { Registry } from './registry.ts';

/** Tells Resource Manager's activity log of a write or deletion that a request made. */
export type RegistryReport = (
  registry: Registry,
  request: ArmRequest,
  resourceType: string,
  resourceId: string,
) => void;

export const registryReport =
  (activity: ActivitySink): RegistryReport =>
  ({ subscriptionId, resourceGroup }, { method: httpMethod }, resourceType, resourceId) => {
    const verb = httpMethod === 'DELETE' ? 'delete' : 'write';
    const operationName = `${resourceType}/${verb}`;
    activity({ verb, operationName, resourceId, subscriptionId, resourceGroup, httpMethod });
  };
