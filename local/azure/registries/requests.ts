import * as v from 'valibot';
import { ArmError, resourceNotFound } from '../arm/arm-error.ts';
import type { ArmRequest } from '../arm/operation.ts';
import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { Registries } from './registries.ts';
import { type Registry, registryType } from './registry.ts';

export const registryPath = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${registryType}/{registry}`;

/** A write with this header is by whom it names. Azure knows no such header: it looks into the token. */
const writerHeader = 'x-evenkeel-as';

export const writerOf = ({ headers }: ArmRequest): string => headers.get(writerHeader) ?? 'evenkeel';

/** Finds the registry that a request addresses, or refuses as Resource Manager does. */
export type RegistryOf = (request: ArmRequest) => Registry;

export const registryFinder =
  (registries: Registries, resourceGroups: ResourceGroups): RegistryOf =>
  (request) => {
    const group = resourceGroups.of(request);
    const found = registries.named(request.param('registry'));
    if (
      found?.resourceGroup.toLowerCase() === group.name.toLowerCase() &&
      found.subscriptionId.toLowerCase() === group.subscriptionId.toLowerCase()
    ) {
      return found;
    }
    throw resourceNotFound(registryType, request.param('registry'), request.param('resourceGroup'));
  };

/** @throws ArmError that says what is wrong where. */
export function parsed<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ArmError(
    400,
    'InvalidRequestContent',
    `The request content is invalid at '${v.getDotPath(issue) ?? ''}': ${issue.message}`,
  );
}
