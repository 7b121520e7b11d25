import pLimit from 'p-limit';
import type { ContainerGroupId } from '../../container-group-id.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { MissingPermissionError } from '../../lib/errors.ts';
import type { LiveGroup } from '../container-group.ts';
import type { ContainerGroupReader } from '../ports.ts';
import type { MappedPlace, ZoneMap } from '../zone-map.ts';
import type { CountedGroup } from './inventory.ts';
import type { ContainerGroupLister, GroupScope } from './ports.ts';
import type { Unread } from './report.ts';

export interface CountPorts {
  readonly containerGroups: ContainerGroupReader;
  readonly groupLister: ContainerGroupLister;
}

/** What was found of the container groups of some subscriptions. */
interface Count {
  readonly groups: CountedGroup[];
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
export async function countGroups(
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
  const count = { groups: [] as CountedGroup[], unmapped: [] as string[], unread: [] as Unread[] };

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
