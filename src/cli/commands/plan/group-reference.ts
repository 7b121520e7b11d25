import { type ContainerGroupId, parseContainerGroupId } from '../../../dns/container-group.ts';
import { ArgumentError } from '../../argument-error.ts';

/**
 * The container group that an ARM id names, or `resourceGroup/name` in a subscription.
 * @throws {ArgumentError}
 */
export function parseGroupReference(text: string, subscription: string | undefined): ContainerGroupId {
  const whole = parseContainerGroupId(text.trim());
  if (whole !== undefined) return whole;
  const [, resourceGroup, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(text.trim()) ?? [];
  if (resourceGroup === undefined || name === undefined) {
    throw new ArgumentError(
      `expected the ARM id of a container group, or RESOURCE_GROUP/NAME with --subscription, found ${JSON.stringify(text)}`,
    );
  }
  if (subscription === undefined) {
    throw new ArgumentError(
      `--subscription: expected the id of the subscription that ${resourceGroup} is in`,
    );
  }
  const id = parseContainerGroupId(
    `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`,
  );
  if (id === undefined) throw new ArgumentError('--subscription: expected the id of a subscription');
  return id;
}
