import type { Config } from '../../../config.ts';
import { type ContainerGroupId, parseContainerGroupId } from '../../../dns/container-group.ts';
import { isDnsLabel } from '../../../dns/names.ts';
import type { ReconcileTarget } from '../../../dns/observe.ts';
import { SettingError, settingValue } from '../../../settings/setting.ts';
import { ArgumentError } from '../../argument-error.ts';
import { usableZoneMap } from '../../zone-map.ts';

/**
 * What to reconcile: a container group, with what the settings say about it.
 * @throws {SettingError | ArgumentError} when evenkeel does not manage the records of the group.
 */
export function reconcileTargetOf(group: ContainerGroupId, config: Config): ReconcileTarget {
  const zones = usableZoneMap(config);
  const spoke = zones.spokeOf(group);
  if (spoke === undefined) {
    const known = zones.places.map(({ key }) => key).join(', ');
    throw new SettingError(
      `DNS_ZONE_MAP: expected the resource group ${group.resourceGroup}, found ${known}; add it if its groups need records`,
    );
  }
  if (spoke.hostNameTag === undefined && !isDnsLabel(group.name.toLowerCase())) {
    throw new ArgumentError(`${group.name} cannot be a host name, so the container group has no records`);
  }
  return {
    group,
    spoke,
    zones,
    foreignRecords: settingValue(config.foreignRecords),
    policy: spoke.policy ?? settingValue(config.dnsPolicy),
    hints: [],
    recordSets: [],
  };
}

/**
 * The container group that an ARM id names, or `resourceGroup/name` in a subscription.
 * @throws {ArgumentError}
 */
export function parseGroupReference(text: string, subscription: string | undefined): ContainerGroupId {
  const fromArmId = parseContainerGroupId(text.trim());
  if (fromArmId !== undefined) return fromArmId;
  const [, resourceGroup, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(text.trim()) ?? [];
  if (resourceGroup === undefined || name === undefined) {
    throw new ArgumentError(
      `expected the ARM id of a container group, or RESOURCE_GROUP/NAME with --subscription, found ${JSON.stringify(text)}`,
    );
  }
  if (subscription === undefined) {
    throw new ArgumentError(`--subscription: expected the id of the subscription of ${resourceGroup}`);
  }
  const id = parseContainerGroupId(
    `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`,
  );
  if (id === undefined) throw new ArgumentError('--subscription: expected the id of a subscription');
  return id;
}
