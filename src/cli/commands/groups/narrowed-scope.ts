import type { ContainerGroupLister } from '../../../dns/ports.ts';
import type { ZoneMap } from '../../../dns/zone-map.ts';
import { RefusedCallError } from '../../../lib/errors.ts';
import { ArgumentError } from '../../argument-error.ts';

/**
 * The zone map with the places that `--spoke` names only.
 * @throws {ArgumentError}
 */
export function narrowedZones(zones: ZoneMap, name: string | undefined): ZoneMap {
  if (name === undefined) return zones;
  const wanted = name.toLowerCase();
  const places = zones.places.filter(
    ({ key, resourceGroup }) => key.toLowerCase() === wanted || resourceGroup.toLowerCase() === wanted,
  );
  if (places.length === 0) {
    const known = zones.places.map(({ key }) => key).join(', ');
    throw new ArgumentError(`--spoke: DNS_ZONE_MAP has no usable entry ${name}; it has ${known}`);
  }
  return { ...zones, places, problems: [] };
}

/** A lister that lists the resource groups of the places in place of their whole subscription. */
export const listerOf = (lister: ContainerGroupLister, { places }: ZoneMap): ContainerGroupLister => ({
  async *list(scope, deadline) {
    const { subscriptionId } = scope;
    const here = places.filter(
      (place) =>
        place.subscriptionId === undefined ||
        place.subscriptionId.toLowerCase() === subscriptionId.toLowerCase(),
    );
    for (const { resourceGroup } of here) {
      try {
        yield* lister.list({ subscriptionId, resourceGroup }, deadline);
      } catch (error) {
        // A key without a subscription is looked for in each.
        if (!isGroupMissing(error)) throw error;
      }
    }
  },
});

const isGroupMissing = (error: unknown): boolean =>
  error instanceof RefusedCallError && /^ResourceGroupNotFound$/i.test(error.code ?? '');
