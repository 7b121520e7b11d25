import type { Config } from '../../../config.ts';
import type { ContainerGroupId } from '../../../dns/container-group.ts';
import { isDnsLabel } from '../../../dns/names.ts';
import type { ReconcileTarget } from '../../../dns/observe.ts';
import { SettingError, settingValue } from '../../../settings/setting.ts';
import { ArgumentError } from '../../argument-error.ts';

/**
 * What the settings say about a container group.
 * @throws {SettingError | ArgumentError} when its records are none of evenkeel's.
 */
export function reconcileTargetOf(group: ContainerGroupId, config: Config): Omit<ReconcileTarget, 'carried'> {
  const zones = settingValue(config.zoneMap);
  const spoke = zones.spokeOf(group);
  if (spoke === undefined) {
    const known = zones.places.map(({ key }) => key).join(', ') || 'nothing';
    throw new SettingError(
      `DNS_ZONE_MAP: expected the resource group ${group.resourceGroup}, found ${known}; add it if its groups need records`,
    );
  }
  if (!isDnsLabel(group.name.toLowerCase())) {
    throw new ArgumentError(`${group.name} cannot be a host name, so that such a group has no records`);
  }
  return { group, spoke, zones, foreignRecords: settingValue(config.foreignRecords), hints: [] };
}
