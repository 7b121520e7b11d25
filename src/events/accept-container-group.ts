import { isUsableHostName } from '../dns/desired.ts';
import type { Spoke, ZoneMap } from '../dns/zone-map.ts';
import type { Log } from '../lib/log.ts';
import { type Setting, settingValue } from '../settings/setting.ts';
import { countOutcome } from '../telemetry/metrics.ts';
import { type ContainerGroupEvent, parseContainerGroupEvent } from './container-group-event.ts';

/** An event about a container group that the zone map covers. */
interface AcceptedEvent {
  readonly event: ContainerGroupEvent;
  readonly spoke: Spoke;
  readonly zones: ZoneMap;
}

/**
 * Parses an event and finds the spoke of its container group.
 *
 * @returns `undefined` for an event that needs no work, after one log line says why. Repeating such an event cannot
 *   help, so it is accepted.
 * @throws {SettingError} when the zone map is bad.
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
    // Operations inside a container group raise events too. Any other shows an event subscription that is too wide.
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
  if (spoke.hostNameTag === undefined && !isUsableHostName(spoke, group.name.toLowerCase())) {
    countOutcome('noDnsLabel');
    log.error('container group name is no DNS label', { eventId, containerGroup: group.key });
    return undefined;
  }
  return { event, spoke, zones };
}
