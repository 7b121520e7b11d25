import pLimit from 'p-limit';
import * as v from 'valibot';
import { type ZoneId, zoneId } from '../../../../dns/record-set.ts';
import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';

interface ZoneFacts {
  readonly zones: readonly ZoneFact[];
}

interface ZoneFact {
  readonly zone: ZoneId;
  readonly isReverse: boolean;
  /** Networks that resolve it; `undefined`: there is no such zone. */
  readonly links: number | undefined;
}

const zoneSchema = v.object({
  properties: v.object({ numberOfVirtualNetworkLinks: v.nullish(v.number(), 0) }),
});
const concurrency = 8;

/** Whether every zone that records go to is there, and some network resolves it. */
export const zonesCheck: Check<ZoneFacts> = {
  name: 'zones',
  title: 'Zones',
  async read({ config, places, arm, deadline }) {
    if (!config.zoneMap.ok) return new Skip('DNS_ZONE_MAP is wrong');
    const { found } = await places();
    if (found.length === 0) return new Skip('no resource group of DNS_ZONE_MAP was found');
    const reader = await arm();
    const limit = pLimit(concurrency);
    const wanted = new Map(
      found
        .flatMap(({ spoke }) => [
          { zone: spoke.forwardZone, isReverse: false },
          ...spoke.reverseZones.map((zone) => ({ zone, isReverse: true })),
        ])
        .map((one) => [zoneId(one.zone).toLowerCase(), one]),
    );
    const zones = [...wanted.values()].map((one) =>
      limit(async () => {
        const answer = v.safeParse(zoneSchema, await reader.find(zoneId(one.zone), '2024-06-01', deadline));
        return {
          ...one,
          links: answer.success ? answer.output.properties.numberOfVirtualNetworkLinks : undefined,
        };
      }),
    );
    return { zones: await Promise.all(zones) };
  },
  judge: ({ zones }) => zones.flatMap(judgeZone),
};

function judgeZone({ zone, isReverse, links }: ZoneFact): Finding[] {
  const { name, resourceGroup, subscriptionId } = zone;
  const place = `--resource-group ${resourceGroup} --subscription ${subscriptionId}`;
  if (links === undefined) {
    return [
      {
        severity: 'error',
        what: `there is no zone ${name} in ${resourceGroup}`,
        why: isReverse
          ? 'every reconcile that needs a PTR there fails'
          : 'every reconcile of its container groups fails',
        fix: `az network private-dns zone create ${place} --name ${name}; or correct DNS_ZONE_MAP`,
      },
    ];
  }
  if (links > 0) return [];
  return [
    {
      severity: 'error',
      what: `the zone ${name} is linked to no network`,
      why: isReverse ? 'nobody can ask for a name by its address' : 'nobody can resolve the records in it',
      fix: `az network private-dns link vnet create ${place} --zone-name ${name} --name to-hub --virtual-network VNET_ID --registration-enabled false`,
    },
  ];
}
