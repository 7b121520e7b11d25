import { type Setting, settingValue } from '../settings/setting.ts';
import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import { isUsableHostName } from './desired.ts';
import type { ReconcileTarget } from './observe.ts';
import type { ForeignRecords } from './plan.ts';
import type { DnsPolicy } from './policy.ts';
import type { ZoneMap } from './zone-map.ts';

interface TargetSettings {
  readonly foreignRecords: Setting<ForeignRecords>;
  /** The policy of spokes without one of their own. */
  readonly dnsPolicy: Setting<DnsPolicy>;
}

/** A target, or why evenkeel does not manage the records of the group. */
export type FoundTarget =
  | { readonly kind: 'target'; readonly target: ReconcileTarget }
  | { readonly kind: 'unmapped' }
  | { readonly kind: 'noDnsLabel' };

/**
 * What to reconcile when somebody names a container group: the group, with what the settings say about it.
 * @throws {SettingError} when a setting that it depends on is wrong.
 */
export function reconcileTarget(
  group: ContainerGroupId,
  zones: ZoneMap,
  { foreignRecords, dnsPolicy }: TargetSettings,
): FoundTarget {
  const spoke = zones.spokeOf(group);
  if (spoke === undefined) return { kind: 'unmapped' };
  // Where a tag may give the host name, only the group itself can tell.
  if (spoke.hostNameTag === undefined && !isUsableHostName(spoke, group.name.toLowerCase()))
    return { kind: 'noDnsLabel' };
  return {
    kind: 'target',
    target: {
      group,
      spoke,
      zones,
      foreignRecords: settingValue(foreignRecords),
      policy: spoke.policy ?? settingValue(dnsPolicy),
      hints: [],
      recordSets: [],
    },
  };
}

/** A container group that somebody named, or what is wrong with the name. */
type NamedGroup =
  | { readonly kind: 'group'; readonly group: ContainerGroupId }
  /** The text is neither form. */
  | { readonly kind: 'malformed' }
  /** The text is `resourceGroup/name`, and the subscription is missing or is no id. */
  | { readonly kind: 'badSubscription'; readonly resourceGroup: string; readonly isMissing: boolean };

/** The container group that an ARM id names, or `resourceGroup/name` in a subscription. */
export function parseGroupReference(text: string, subscription: string | undefined): NamedGroup {
  const fromArmId = parseContainerGroupId(text.trim());
  if (fromArmId !== undefined) return { kind: 'group', group: fromArmId };
  const [, resourceGroup, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(text.trim()) ?? [];
  if (resourceGroup === undefined || name === undefined) return { kind: 'malformed' };
  const id =
    subscription === undefined
      ? undefined
      : parseContainerGroupId(
          `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`,
        );
  if (id === undefined)
    return { kind: 'badSubscription', resourceGroup, isMissing: subscription === undefined };
  return { kind: 'group', group: id };
}
