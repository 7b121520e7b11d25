import { resourceNotFound } from '../arm/arm-error.ts';
import type { ArmRequest, Operation } from '../arm/operation.ts';
import { type PrivateDnsParts, zonePath } from './record-set-operations.ts';
import { renderZone, type Zone } from './zones.ts';

export function zoneOperations(parts: PrivateDnsParts): Operation[] {
  const { zones, resourceGroups } = parts;
  const get = (request: ArmRequest): Zone => {
    const { subscriptionId, name } = resourceGroups.of(request);
    const zone = zones.find(subscriptionId, name, request.param('zone'));
    if (zone !== undefined) return zone;
    throw resourceNotFound(
      'Microsoft.Network/privateDnsZones',
      request.param('zone'),
      request.param('resourceGroup'),
    );
  };
  return [
    {
      name: 'PrivateZones_Get',
      method: 'GET',
      path: zonePath,
      handle: (request) => ({ status: 200, body: renderZone(get(request)) }),
    },
  ];
}
