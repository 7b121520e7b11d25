import pLimit from 'p-limit';
import * as v from 'valibot';
import { type ZoneId, zoneId } from '../../../../dns/record-set.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import type { Place } from '../places.ts';

interface ZoneFacts {
  readonly zones: readonly ZoneFact[];
}

interface ZoneFact {
  readonly zone: ZoneId;
  readonly isReverse: boolean;
  /** Number of linked virtual networks; `undefined`: the zone does not exist. */
  readonly links: number | undefined;
}

const zoneSchema = v.object({
  properties: v.object({ numberOfVirtualNetworkLinks: v.nullish(v.number(), 0) }),
});
const concurrency = 8;

/** Every zone with records exists, and is linked to a virtual network. */
export const zonesCheck: Check<ZoneFacts> = {
  name: 'zones',
  title: 'Zones',
  async read({ config, places, arm, deadline }) {
    if (!config.zoneMap.ok) return new Skip('DNS_ZONE_MAP is wrong');
    const { found } = await places();
    if (found.length === 0) return new Skip('no resource group of DNS_ZONE_MAP was found');
    const reader = await arm();
    const limit = pLimit(concurrency);
    const zones = zonesOf(found).map(({ zone, isReverse }) =>
      limit(async (): Promise<ZoneFact> => {
        const answer = v.safeParse(zoneSchema, await reader.find(zoneId(zone), '2024-06-01', deadline));
        const links = answer.success ? answer.output.properties.numberOfVirtualNetworkLinks : undefined;
        return { zone, isReverse, links };
      }),
    );
    return { zones: await Promise.all(zones) };
  },
  evaluate: ({ zones }) => zones.flatMap(evaluateZone),
};

/** Each zone once. */
function zonesOf(places: readonly Place[]) {
  const all = places.flatMap(({ spoke }) => [
    { zone: spoke.forwardZone, isReverse: false },
    ...spoke.reverseZones.map((zone) => ({ zone, isReverse: true })),
  ]);
  return [...new Map(all.map((one) => [zoneId(one.zone).toLowerCase(), one])).values()];
}

function evaluateZone({ zone, isReverse, links }: ZoneFact): Finding[] {
  const { name, resourceGroup, subscriptionId } = zone;
  const location = `--resource-group ${resourceGroup} --subscription ${subscriptionId}`;
  if (links === undefined) {
    return [
      {
        severity: 'error',
        what: `the zone ${name} does not exist in ${resourceGroup}`,
        why: isReverse
          ? 'every reconcile that needs a PTR there fails'
          : 'every reconcile of its container groups fails',
        fix: `az network private-dns zone create ${location} --name ${name}; or correct DNS_ZONE_MAP`,
      },
    ];
  }
  if (links > 0) return [];
  return [
    {
      severity: 'error',
      what: `the zone ${name} is not linked to any virtual network`,
      why: isReverse ? 'nobody can look up the name of an address' : 'nobody can resolve its records',
      fix: `az network private-dns link vnet create ${location} --zone-name ${name} --name to-hub --virtual-network VNET_ID --registration-enabled false`,
    },
  ];
}
