import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import { page } from '../arm/paging.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { Clock } from '../clock.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { regionOf } from './region.ts';
import type { Registries } from './registries.ts';
import { loginServerOf, type Registry, registryType, renderRegistry } from './registry.ts';
import type { Replications } from './replications.ts';
import type { RegistryReport } from './report.ts';
import { checkName, findRegistry, parsed, type RegistryOf, registryPath, writerOf } from './requests.ts';
import { writtenBy } from './system-data.ts';

const bodySchema = v.object({
  location: v.string(),
  tags: v.optional(v.record(v.string(), v.string())),
  sku: v.object({ name: v.picklist(['Basic', 'Standard', 'Premium']) }),
  properties: v.optional(v.record(v.string(), v.unknown()), {}),
});

export interface RegistryOperationsParts {
  readonly clock: Clock;
  readonly registries: Registries;
  readonly replications: Replications;
  readonly resourceGroups: ResourceGroups;
  readonly registryOf: RegistryOf;
  readonly behaviour: () => RegistryBehaviour;
  readonly report: RegistryReport;
}

/** Registries at Resource Manager. A PUT is done with its answer, unlike the service's. */
export function registryOperations(parts: RegistryOperationsParts): Operation[] {
  const { registries, resourceGroups, registryOf, report } = parts;
  const list = (request: ArmRequest, within: string): ArmAnswer =>
    page(request, registries.within(within), { limit: parts.behaviour().pageSize, render: renderRegistry });
  return [
    {
      name: 'Registries_Create',
      method: 'PUT',
      path: registryPath,
      handle: (request) => {
        const { registry, isNew } = put(request, parts);
        report(registry, request, registryType, registry.id);
        return { status: isNew ? 201 : 200, body: renderRegistry(registry) };
      },
    },
    {
      name: 'Registries_Get',
      method: 'GET',
      path: registryPath,
      handle: (request) => ({ status: 200, body: renderRegistry(registryOf(request)) }),
    },
    {
      name: 'Registries_Delete',
      method: 'DELETE',
      path: registryPath,
      handle: (request) => {
        const found = findRegistry(request, registries, resourceGroups);
        if (found === undefined) return { status: 204 };
        registries.delete(found);
        report(found, request, registryType, found.id);
        return { status: 200 };
      },
    },
    {
      name: 'Registries_ListByResourceGroup',
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${registryType}`,
      handle: (request) => {
        const { subscriptionId, name } = resourceGroups.of(request);
        return list(request, `/subscriptions/${subscriptionId}/resourceGroups/${name}`);
      },
    },
    {
      name: 'Registries_List',
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/providers/${registryType}`,
      handle: (request) => {
        resourceGroups.listOf(request.param('subscriptionId'));
        return list(request, `/subscriptions/${request.param('subscriptionId')}`);
      },
    },
  ];
}

function put(
  request: ArmRequest,
  { clock, registries, replications, resourceGroups }: RegistryOperationsParts,
): { readonly registry: Registry; readonly isNew: boolean } {
  const name = request.param('registry');
  checkName('registry', name);
  const { location, tags, sku, properties } = parsed(bodySchema, request.body);
  const existing = findRegistry(request, registries, resourceGroups);
  const [by, now] = [writerOf(request), clock.now()];
  if (existing !== undefined) {
    const system = writtenBy(by, now, existing.system);
    Object.assign(existing, { tags, sku: sku.name, properties, system });
    return { registry: existing, isNew: false };
  }
  if (registries.named(name) !== undefined) {
    throw new ArmError(
      409,
      'AlreadyInUse',
      `The registry DNS name ${loginServerOf(name)} is already in use.`,
    );
  }
  const home = regionOf(location);
  const content = { home, tags, sku: sku.name, properties };
  const registry = registries.add(resourceGroups.of(request), name, content, by, now);
  replications.add(registry, home, home, by);
  return { registry, isNew: true };
}
