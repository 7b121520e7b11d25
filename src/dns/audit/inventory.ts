import pLimit from 'p-limit';
import type { Deadline } from '../../lib/deadline.ts';
import { MissingPermissionError } from '../../lib/errors.ts';
import type { ContainerGroupId, LiveGroup } from '../container-group.ts';
import { isDnsLabel } from '../names.ts';
import type { ContainerGroupLister, ContainerGroupReader, GroupScope } from '../ports.ts';
import { fullName, type RecordSetKey } from '../record-set.ts';
import { type MappedPlace, reverseRecordOf, type ZoneMap } from '../zone-map.ts';
import type { Unread } from './report.ts';
import { auditedZoneKey } from './zones.ts';

/** A container group as far as DNS depends on it; thousands are held at once. */
export interface InventoryGroup {
  readonly id: ContainerGroupId;
  /** `null`: it has none and will have none. `undefined`: nothing can be said of it at the moment. */
  readonly address: string | null | undefined;
}

/** A record set that has to be there. */
export interface InventoryRecordSet {
  readonly key: RecordSetKey;
  readonly group: InventoryGroup;
  readonly value: string;
  /** Where groups share a name or an address: what else is right. */
  others: readonly string[];
}

/** Every mapped container group, indexed by what the zones are compared with. */
export interface Inventory {
  /** By ARM id in lower case. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** By zone and type as `auditedZoneKey` tells them, then by record set name. */
  readonly desired: ReadonlyMap<string, ReadonlyMap<string, InventoryRecordSet>>;
  /** By host name in its forward zone. */
  readonly byHostName: ReadonlyMap<string, InventoryGroup>;
  /** Whether the listing that would show a group was read to its end. */
  isListed(id: ContainerGroupId): boolean;
}

export function buildInventory(
  groups: Iterable<InventoryGroup>,
  zones: ZoneMap,
  isCounted: (id: ContainerGroupId) => boolean,
): Inventory {
  const byId = new Map<string, InventoryGroup>();
  const byHostName = new Map<string, InventoryGroup>();
  const expected = new Map<string, Map<string, InventoryRecordSet>>();
  const expect = (key: RecordSetKey, group: InventoryGroup, value: string) => {
    const zone = auditedZoneKey(key);
    const ofZone = expected.get(zone) ?? new Map<string, InventoryRecordSet>();
    expected.set(zone, ofZone);
    const known = ofZone.get(key.name);
    if (known === undefined) ofZone.set(key.name, { key, group, value, others: [] });
    else known.others = [...known.others, value];
  };
  for (const group of groups) {
    byId.set(group.id.key, group);
    const spoke = zones.spokeOf(group.id);
    const name = group.id.name.toLowerCase();
    if (spoke === undefined || !isDnsLabel(name) || typeof group.address !== 'string') continue;
    const a: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name };
    const hostName = fullName(a);
    byHostName.set(hostName, group);
    expect(a, group, group.address);
    const place = reverseRecordOf(spoke, group.address);
    if (place !== undefined) expect({ ...place, type: 'PTR' }, group, hostName);
  }
  return { groups: byId, desired: expected, byHostName, isListed: isCounted };
}

export interface CountPorts {
  readonly containerGroups: ContainerGroupReader;
  readonly groupLister: ContainerGroupLister;
}

/** What was found of the container groups of some subscriptions. */
interface Count {
  readonly groups: InventoryGroup[];
  /** Ids of container groups whose resource group the zone map does not name. */
  readonly unmapped: string[];
  readonly unread: Unread[];
  /** Whether a group that is not among `groups` is known not to exist. */
  isCounted(id: ContainerGroupId): boolean;
}

/**
 * Lists each subscription once. Where the identity may not do that, each of its mapped resource groups, and then
 * nothing is known of unmapped ones. A group whose listing does not tell its address is read by id.
 */
export async function listGroups(
  subscriptions: readonly string[],
  zones: ZoneMap,
  ports: CountPorts,
  concurrency: number,
  deadline: Deadline,
): Promise<Count> {
  // Apart, because a listing waits for the reads that it leads to.
  const listings = pLimit(concurrency);
  const reads = pLimit(concurrency);
  const counted = new Set<string>();
  const count = { groups: [] as InventoryGroup[], unmapped: [] as string[], unread: [] as Unread[] };

  const countScope = async (scope: GroupScope): Promise<void> => {
    const unsure: ContainerGroupId[] = [];
    for await (const page of ports.groupLister.list(scope, deadline)) {
      for (const { id, live } of page) {
        if (zones.spokeOf(id) === undefined) count.unmapped.push(id.key);
        else if (live.kind === 'notReady' || live.kind === 'unknown') unsure.push(id);
        else count.groups.push({ id, address: addressOf(live) });
      }
    }
    counted.add(scopeKey(scope));
    const read = async (id: ContainerGroupId) => {
      const live = await ports.containerGroups.read(id, deadline).catch(() => undefined);
      const isGone = live?.kind === 'unaddressed' && live.reason === 'gone';
      if (!isGone) count.groups.push({ id, address: live && addressOf(live) });
    };
    await Promise.all(unsure.map((id) => reads(read, id)));
  };
  const orUnread = (scope: GroupScope) => (error: unknown) => {
    count.unread.push({
      scope: scopeKey(scope),
      reason: error instanceof Error ? error.message : String(error),
    });
  };
  await Promise.all(
    subscriptions.map(async (subscriptionId) => {
      const whole: GroupScope = { subscriptionId };
      try {
        await listings(countScope, whole);
      } catch (error) {
        if (!(error instanceof MissingPermissionError)) return orUnread(whole)(error);
        const scopes = zones.places.filter((place) => isIn(place, subscriptionId));
        const lists = scopes.map(({ resourceGroup }) => ({ subscriptionId, resourceGroup }));
        await Promise.all(lists.map((scope) => listings(countScope, scope).catch(orUnread(scope))));
      }
    }),
  );
  return {
    ...count,
    isCounted: ({ subscriptionId, resourceGroup }) =>
      counted.has(scopeKey({ subscriptionId })) || counted.has(scopeKey({ subscriptionId, resourceGroup })),
  };
}

const addressOf = (live: LiveGroup): string | null | undefined => {
  if (live.kind === 'addressed') return live.address;
  return live.kind === 'unaddressed' ? null : undefined;
};

const isIn = (place: MappedPlace, subscriptionId: string): boolean =>
  place.subscriptionId === undefined || place.subscriptionId.toLowerCase() === subscriptionId.toLowerCase();

const scopeKey = ({ subscriptionId, resourceGroup }: GroupScope): string => {
  const subscription = `/subscriptions/${subscriptionId}`;
  return (
    resourceGroup === undefined ? subscription : `${subscription}/resourceGroups/${resourceGroup}`
  ).toLowerCase();
};
