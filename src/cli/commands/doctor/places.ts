import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { Config } from '../../../config.ts';
import type { SubscriptionLister } from '../../../dns/ports.ts';
import type { Spoke } from '../../../dns/zone-map.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { settingValue } from '../../../settings/setting.ts';

/** A resource group that the zone map names and that exists. */
export interface Place {
  /** The key of the zone map. */
  readonly key: string;
  readonly subscriptionId: string;
  /** ARM id. */
  readonly id: string;
  readonly spoke: Spoke;
}

export interface Places {
  readonly found: readonly Place[];
  /** Keys whose resource group is in none of the subscriptions. */
  readonly missing: readonly string[];
  /** Ids of the subscriptions that were searched, in lower case. */
  readonly subscriptions: readonly string[];
}

const groupSchema = v.object({ id: v.string() });

/** Finds the same groups as the audit: a key without a subscription is searched for wherever the audit searches. */
export async function findPlaces(
  config: Config,
  lister: SubscriptionLister,
  arm: ArmReader,
  deadline: Deadline,
): Promise<Places> {
  const zones = settingValue(config.zoneMap);
  const configured = settingValue(config.auditSubscriptions);
  const mustSearch = zones.places.some(({ subscriptionId }) => subscriptionId === undefined);
  const searched = mustSearch ? (configured ?? (await lister.list(deadline))) : [];
  const places = await Promise.all(
    zones.places.map(async ({ key, subscriptionId, resourceGroup }) => {
      const candidates = subscriptionId === undefined ? searched : [subscriptionId];
      const found = await Promise.all(
        candidates.map(async (candidate): Promise<Place[]> => {
          const path = `/subscriptions/${candidate}/resourceGroups/${resourceGroup}`;
          const group = v.safeParse(groupSchema, await arm.find(path, '2021-04-01', deadline));
          const place = { subscriptionId: candidate, resourceGroup };
          const spoke = zones.hasBadEntry(place) ? undefined : zones.spokeOf(place);
          if (!group.success || spoke === undefined) return [];
          return [{ key, subscriptionId: candidate, id: path, spoke }];
        }),
      );
      return { key, found: found.flat() };
    }),
  );
  const named = zones.places.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  return {
    found: places.flatMap(({ found }) => found),
    missing: places.flatMap(({ key, found }) => (found.length === 0 ? [key] : [])),
    subscriptions: [...new Set([...named, ...searched].map((id) => id.toLowerCase()))],
  };
}
