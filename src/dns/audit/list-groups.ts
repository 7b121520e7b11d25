import pLimit from 'p-limit';
import type { Deadline } from '../../lib/deadline.ts';
import { MissingPermissionError, RefusedCallError } from '../../lib/errors.ts';
import type { ContainerGroupId, LiveGroup } from '../container-group.ts';
import { hostNameFromTag, hostNameOf } from '../desired.ts';
import type { ContainerGroupLister, ContainerGroupReader, GroupScope } from '../ports.ts';
import type { MappedPlace, ZoneMap } from '../zone-map.ts';
import type { InventoryGroup } from './inventory.ts';
import type { Unread } from './report.ts';

export interface ListGroupsPorts {
  readonly containerGroups: ContainerGroupReader;
  readonly groupLister: ContainerGroupLister;
}

/** Where the audit looks. Ids are in lower case. */
export interface AuditScope {
  readonly subscriptions: readonly string[];
  /** Those that no setting names: they were found because the identity can see them, and need not concern evenkeel. */
  readonly incidental: ReadonlySet<string>;
}

/** The container groups that were found in some subscriptions. */
interface GroupListing {
  readonly groups: readonly InventoryGroup[];
  /** Ids of container groups whose resource group the zone map does not name. */
  readonly unmapped: readonly string[];
  readonly unread: readonly Unread[];
  /** Whether a group that is not among `groups` is known not to exist. */
  isListed(id: ContainerGroupId): boolean;
}

/**
 * Lists each subscription once. A group whose listing does not tell its address is read by id. One whose entry of the
 * zone map is bad is left out, and does not count as listed.
 *
 * | answer to the list of a subscription    | what follows                                                        |
 * |-----------------------------------------|---------------------------------------------------------------------|
 * | its provider is not registered          | it has no groups; a record set of one is no orphan, since its read is refused too |
 * | missing permission                      | each of its mapped resource groups is listed; unmapped ones are unknown |
 * | there is no such subscription, incidental | it is left out                                                    |
 * | any other failure                       | it is unread                                                        |
 */
export async function listGroups(
  { subscriptions, incidental }: AuditScope,
  zones: ZoneMap,
  ports: ListGroupsPorts,
  concurrency: number,
  deadline: Deadline,
): Promise<GroupListing> {
  // Two limits, because a listing waits for the reads that it leads to.
  const listings = pLimit(concurrency);
  const reads = pLimit(concurrency);
  const listed = new Set<string>();
  const groups: InventoryGroup[] = [];
  const unmapped: string[] = [];
  const unread: Unread[] = [];

  const readGroup = async (id: ContainerGroupId): Promise<void> => {
    const live = await ports.containerGroups.read(id, deadline).catch(() => undefined);
    const isGone = live?.kind === 'unaddressed' && live.reason === 'gone';
    if (!isGone) groups.push(inventoryGroup(id, live, zones));
  };
  const listScope = async (scope: GroupScope): Promise<void> => {
    const unsure: ContainerGroupId[] = [];
    for await (const page of ports.groupLister.list(scope, deadline)) {
      for (const { id, live } of page) {
        if (zones.hasBadEntry(id)) continue;
        if (zones.spokeOf(id) === undefined) unmapped.push(id.key);
        else if (isUnsure(live)) unsure.push(id);
        else groups.push(inventoryGroup(id, live, zones));
      }
    }
    listed.add(scopeKey(scope));
    await Promise.all(unsure.map((id) => reads(readGroup, id)));
  };
  const noteUnread = (scope: GroupScope, error: unknown): void => {
    if (isUnregistered(error)) return;
    if (incidental.has(scope.subscriptionId) && isSubscriptionMissing(error)) return;
    unread.push({ scope: scopeKey(scope), reason: reasonOf(error, scope.subscriptionId, incidental) });
  };
  const listSubscription = async (subscriptionId: string): Promise<void> => {
    try {
      await listings(listScope, { subscriptionId });
    } catch (error) {
      if (!(error instanceof MissingPermissionError)) return noteUnread({ subscriptionId }, error);
      const mapped = zones.places.filter((place) => isIn(place, subscriptionId));
      await Promise.all(
        mapped.map(({ resourceGroup }) => {
          const scope = { subscriptionId, resourceGroup };
          return listings(listScope, scope).catch((failure: unknown) => noteUnread(scope, failure));
        }),
      );
    }
  };
  await Promise.all(subscriptions.map(listSubscription));
  return {
    // One may stand on two pages, or in a listing that broke off and in the one that replaced it.
    groups: [...new Map(groups.map((group) => [group.id.key, group])).values()],
    unmapped: [...new Set(unmapped)],
    unread,
    isListed: ({ subscriptionId, resourceGroup }) =>
      !zones.hasBadEntry({ subscriptionId, resourceGroup }) &&
      (listed.has(scopeKey({ subscriptionId })) || listed.has(scopeKey({ subscriptionId, resourceGroup }))),
  };
}

export const isSubscriptionMissing = (error: unknown): boolean =>
  error instanceof RefusedCallError && /^SubscriptionNotFound$/i.test(error.code ?? '');

/** The subscription lacks the provider. */
export const isUnregistered = (error: unknown): boolean =>
  error instanceof RefusedCallError && /^MissingSubscriptionRegistration$/i.test(error.code ?? '');

/** Why a scope is unread. A subscription that no setting names may not be meant, where a permission is missing. */
export function reasonOf(
  error: unknown,
  subscriptionId: string,
  incidental: AuditScope['incidental'],
): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof MissingPermissionError) || !incidental.has(subscriptionId.toLowerCase()))
    return reason;
  return `${reason}; or list the subscriptions to search in AUDIT_SUBSCRIPTIONS, and leave ${subscriptionId} out`;
}

/** Listings carry no instance view, and what they leave out is not gone. */
const isUnsure = (live: LiveGroup): boolean =>
  live.kind === 'notReady' ||
  live.kind === 'unknown' ||
  (live.kind === 'unaddressed' && live.reason === 'noNetwork');

function inventoryGroup(id: ContainerGroupId, live: LiveGroup | undefined, zones: ZoneMap): InventoryGroup {
  const spoke = zones.spokeOf(id);
  const tags = live?.kind === 'addressed' || live?.kind === 'unaddressed' ? live.tags : undefined;
  const hostName = spoke === undefined ? id.name.toLowerCase() : hostNameOf(spoke, id, tags);
  const isNameFromTag = spoke !== undefined && hostNameFromTag(spoke, tags) !== undefined;
  return { id, hostName, isNameFromTag, address: live && addressOf(live) };
}

/** A group that shows neither address nor network may have had one: whether its records are wanted is not known. */
function addressOf(live: LiveGroup): string | null | undefined {
  if (live.kind === 'addressed') return live.address;
  return live.kind === 'unaddressed' && live.reason !== 'noNetwork' ? null : undefined;
}

const isIn = (place: MappedPlace, subscriptionId: string): boolean =>
  place.subscriptionId === undefined || place.subscriptionId.toLowerCase() === subscriptionId.toLowerCase();

const scopeKey = ({ subscriptionId, resourceGroup }: GroupScope): string => {
  const subscription = `/subscriptions/${subscriptionId}`;
  return (
    resourceGroup === undefined ? subscription : `${subscription}/resourceGroups/${resourceGroup}`
  ).toLowerCase();
};
