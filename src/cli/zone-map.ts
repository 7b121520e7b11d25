import type { Config } from '../config.ts';
import type { ZoneMap } from '../dns/zone-map.ts';
import { SettingError, settingValue } from '../settings/setting.ts';

/**
 * The zone map of a command that answers by it. Without a single entry every answer would be good, and mean nothing.
 * @throws {SettingError}
 */
export function usableZoneMap({ zoneMap }: Config): ZoneMap {
  const zones = settingValue(zoneMap);
  if (zones.places.length > 0) return zones;
  throw new SettingError(
    zones.problems.length > 0
      ? zones.problems.join('; ')
      : 'DNS_ZONE_MAP: expected an entry for each spoke, found nothing; set it, or give a file of settings with --settings',
  );
}
