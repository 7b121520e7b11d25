import type { Config } from '../../../config.ts';
import type { ContainerGroupId } from '../../../dns/container-group.ts';
import type { ReconcileTarget } from '../../../dns/observe.ts';
import { parseGroupReference, reconcileTarget } from '../../../dns/reconcile-target.ts';
import { SettingError } from '../../../settings/setting.ts';
import { ArgumentError } from '../../argument-error.ts';
import { usableZoneMap } from '../../zone-map.ts';

/**
 * What to reconcile: a container group, with what the settings say about it.
 * @throws {SettingError | ArgumentError} when evenkeel does not manage the records of the group.
 */
export function reconcileTargetOf(group: ContainerGroupId, config: Config): ReconcileTarget {
  const zones = usableZoneMap(config);
  const found = reconcileTarget(group, zones, config);
  switch (found.kind) {
    case 'target':
      return found.target;
    case 'unmapped': {
      const known = zones.places.map(({ key }) => key).join(', ');
      throw new SettingError(
        `DNS_ZONE_MAP: expected the resource group ${group.resourceGroup}, found ${known}; add it if its groups need records`,
      );
    }
    case 'noDnsLabel':
      throw new ArgumentError(`${group.name} cannot be a host name, so the container group has no records`);
  }
}

/**
 * The container group that the command line names.
 * @throws {ArgumentError}
 */
export function groupArgumentOf(text: string, subscription: string | undefined): ContainerGroupId {
  const named = parseGroupReference(text, subscription);
  switch (named.kind) {
    case 'group':
      return named.group;
    case 'malformed':
      throw new ArgumentError(
        `expected the ARM id of a container group, or RESOURCE_GROUP/NAME with --subscription, found ${JSON.stringify(text)}`,
      );
    case 'badSubscription':
      throw new ArgumentError(
        named.isMissing
          ? `--subscription: expected the id of the subscription of ${named.resourceGroup}`
          : '--subscription: expected the id of a subscription',
      );
  }
}
