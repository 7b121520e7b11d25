import type { Operation } from '../arm/operation.ts';
import { renderRegistry } from './registry.ts';
import { type RegistryOf, registryPath } from './requests.ts';

/** A registry at Resource Manager, to be read only. */
export function registryOperations(registryOf: RegistryOf): Operation[] {
  return [
    {
      name: 'Registries_Get',
      method: 'GET',
      path: registryPath,
      handle: (request) => ({ status: 200, body: renderRegistry(registryOf(request)) }),
    },
  ];
}
