import pLimit from 'p-limit';
import * as v from 'valibot';
import { type ZoneId, zoneId } from '../../../../dns/record-set.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import type { Place } from '../places.ts';

interface ZoneFacts {
  readonly zones: readonly ZoneFact[];
  readonly spokes: readonly SpokeFact[];
}

/** The networks of a mapped resource group's container groups, as ARM ids in lower case. */
interface SpokeFact {
  readonly key: string;
  /** ARM ids in lower case. */
  readonly zones: readonly string[];
  readonly networks: readonly string[];
}

interface ZoneFact {
  readonly zone: ZoneId;
  readonly isReverse: boolean;
  /** Number of linked virtual networks; `undefined`: the zone does not exist. */
  readonly links: number | undefined;
  /** The linked virtual networks, as ARM ids in lower case. */
  readonly networks: readonly string[];
}

const linkSchema = v.object({ properties: v.object({ virtualNetwork: v.object({ id: v.string() }) }) });
const groupSchema = v.object({
  properties: v.object({ subnetIds: v.nullish(v.array(v.object({ id: v.string() })), []) }),
});

const zoneSchema = v.object({
  properties: v.object({ numberOfVirtualNetworkLinks: v.nullish(v.number(), 0) }),
});
const concurrency = 8;

/** Every zone with records exists, and is linked to a virtual network: best to those of the container groups. */
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
        const listed = links
          ? await reader.list(`${zoneId(zone)}/virtualNetworkLinks`, '2024-06-01', deadline)
          : [];
        const networks = listed.flatMap((link) => {
          const parsed = v.safeParse(linkSchema, link);
          return parsed.success ? [parsed.output.properties.virtualNetwork.id.toLowerCase()] : [];
        });
        return { zone, isReverse, links, networks };
      }),
    );
    const spokes = found.map(({ key, id, spoke }) =>
      limit(async (): Promise<SpokeFact> => {
        const path = `${id}/providers/Microsoft.ContainerInstance/containerGroups`;
        const groups = await reader.list(path, '2023-05-01', deadline);
        const subnets = groups.flatMap((group) => {
          const parsed = v.safeParse(groupSchema, group);
          return parsed.success ? (parsed.output.properties.subnetIds ?? []) : [];
        });
        return {
          key,
          zones: [spoke.forwardZone, ...spoke.reverseZones].map((zone) => zoneId(zone).toLowerCase()),
          networks: [...new Set(subnets.map((subnet) => networkOf(subnet.id)))],
        };
      }),
    );
    // Together, so that a failure of one is never left unheard while the other is waited for.
    const [allZones, allSpokes] = await Promise.all([Promise.all(zones), Promise.all(spokes)]);
    return { zones: allZones, spokes: allSpokes };
  },
  evaluate: ({ zones, spokes }) => [
    ...zones.flatMap(evaluateZone),
    ...zones.flatMap((zone) => unlinkedNetworks(zone, spokes)),
  ],
};

/** `/subscriptions/…/virtualNetworks/NAME`, of the id of a subnet in it. */
const networkOf = (subnetId: string): string => subnetId.split('/').slice(0, 9).join('/').toLowerCase();

/**
 * Networks of container groups in which a zone does not resolve. That is right where the DNS servers of a network
 * forward to one that is linked, as a hub's resolver does, so it is a note.
 */
function unlinkedNetworks({ zone, links, networks }: ZoneFact, spokes: readonly SpokeFact[]): Finding[] {
  // One that is missing or linked to nothing has a finding of its own; one whose links are out of sight says nothing.
  if (!links || networks.length === 0) return [];
  const id = zoneId(zone).toLowerCase();
  const wanted = new Set(spokes.flatMap((spoke) => (spoke.zones.includes(id) ? spoke.networks : [])));
  const { name, resourceGroup, subscriptionId } = zone;
  return [...wanted]
    .filter((network) => !networks.includes(network))
    .map((network) => ({
      severity: 'note',
      what: `the zone ${name} is not linked to ${network}, in which container groups of its spokes are`,
      why: 'its records resolve there only if the DNS servers of that network forward to a network that is linked',
      fix: `az network private-dns link vnet create --resource-group ${resourceGroup} --subscription ${subscriptionId} --zone-name ${name} --name to-${network.split('/').at(-1)} --virtual-network ${network} --registration-enabled false`,
    }));
}

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
