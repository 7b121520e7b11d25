import { isDnsLabel } from '../dns/names.ts';
import type { Spoke, ZoneMap } from '../dns/zone-map.ts';
import type { Log } from '../lib/log.ts';
import { type Setting, settingValue } from '../settings/setting.ts';
import { countOutcome } from '../telemetry/metrics.ts';
import { type ContainerGroupEvent, parseContainerGroupEvent } from './container-group-event.ts';

/** An event about a container group whose records are ours to keep. */
interface AcceptedEvent {
  readonly event: ContainerGroupEvent;
  readonly spoke: Spoke;
  readonly zones: ZoneMap;
}

/**
 * Says in one line why an event needs no work, and then returns `undefined`: repeating such an event cannot help,
 * so it is accepted and nothing is called.
 *
 * @throws {SettingError} when the zone map that would tell is bad.
 */
export function acceptContainerGroup(
  received: unknown,
  zoneMap: Setting<ZoneMap>,
  log: Log,
): AcceptedEvent | undefined {
  const event = parseContainerGroupEvent(received);
  if (event.kind === 'malformed') {
    countOutcome('malformed');
    log.error('event malformed', { eventId: event.eventId ?? null, reason: event.reason });
    return undefined;
  }
  if (event.kind === 'ignored') {
    const { reason, eventId, subject } = event;
    countOutcome(reason);
    // What happens inside a container group raises events too; the others show a subscription that is too wide.
    const level = reason === 'childResource' ? 'info' : 'warn';
    log[level]('event ignored', { reason, eventId, subject });
    return undefined;
  }
  const { eventId, group } = event;
  const zones = settingValue(zoneMap);
  const spoke = zones.spokeOf(group);
  if (spoke === undefined) {
    countOutcome('unmappedResourceGroup');
    log.info('event ignored', { reason: 'unmappedResourceGroup', eventId, containerGroup: group.key });
    return undefined;
  }
  // Where a tag may give the host name, only the group itself can tell.
  if (spoke.hostNameTag === undefined && !isDnsLabel(group.name.toLowerCase())) {
    countOutcome('noDnsLabel');
    log.error('container group name is no DNS label', { eventId, containerGroup: group.key });
    return undefined;
  }
  return { event, spoke, zones };
}

/**
 * From the moment that an event tells of to now; `null` where it told none. Clocks differ, so a moment that lies ahead is
 * taken for now.
 */
export const lagMs = (time: Date | undefined, now: Date): number | null =>
  time === undefined ? null : Math.max(0, now.getTime() - time.getTime());
