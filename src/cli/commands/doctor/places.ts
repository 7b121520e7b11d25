import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { Config } from '../../../config.ts';
import type { SubscriptionLister } from '../../../dns/ports.ts';
import type { Spoke } from '../../../dns/zone-map.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { MissingPermissionError } from '../../../lib/errors.ts';
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

/**
 * Finds the same groups as the audit: a key without a subscription is searched for wherever the audit searches.
 *
 * A subscription that no setting names may refuse to be read as long as the group is found in another one.
 */
export async function findPlaces(
  config: Config,
  lister: SubscriptionLister,
  arm: Pick<ArmReader, 'find'>,
  deadline: Deadline,
): Promise<Places> {
  const zones = settingValue(config.zoneMap);
  const configured = settingValue(config.auditSubscriptions);
  const mustSearch = zones.places.some(({ subscriptionId }) => subscriptionId === undefined);
  const searched = mustSearch ? (configured ?? (await lister.list(deadline))) : [];
  const places = await Promise.all(
    zones.places.map(async ({ key, subscriptionId, resourceGroup }) => {
      const candidates = subscriptionId === undefined ? searched : [subscriptionId];
      const isIncidental = subscriptionId === undefined && configured === undefined;
      const looks = await Promise.allSettled(
        candidates.map(async (candidate): Promise<Place[]> => {
          const path = `/subscriptions/${candidate}/resourceGroups/${resourceGroup}`;
          const group = v.safeParse(groupSchema, await arm.find(path, '2021-04-01', deadline));
          const place = { subscriptionId: candidate, resourceGroup };
          const spoke = zones.hasBadEntry(place) ? undefined : zones.spokeOf(place);
          if (!group.success || spoke === undefined) return [];
          return [{ key, subscriptionId: candidate, id: path, spoke }];
        }),
      );
      const found = looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : []));
      const failure = looks.find((look) => look.status === 'rejected');
      if (failure !== undefined && !(isIncidental && found.length > 0)) {
        throw isIncidental && failure.reason instanceof MissingPermissionError
          ? withHint(failure.reason, key)
          : failure.reason;
      }
      return { key, found };
    }),
  );
  const named = zones.places.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  return {
    found: places.flatMap(({ found }) => found),
    missing: places.flatMap(({ key, found }) => (found.length === 0 ? [key] : [])),
    subscriptions: [...new Set([...named, ...searched].map((id) => id.toLowerCase()))],
  };
}

const withHint = (error: MissingPermissionError, key: string): Error =>
  new Error(`${error.message}; or list the subscriptions to search for ${key} in AUDIT_SUBSCRIPTIONS`, {
    cause: error,
  });
