import pLimit from 'p-limit';
import type { Deadline } from '../../lib/deadline.ts';
import { describeError, MissingPermissionError, RefusedCallError } from '../../lib/errors.ts';
import type { ContainerGroupId, LiveGroup } from '../container-group.ts';
import { hostNameFromTag, hostNameOf } from '../desired.ts';
import type { ContainerGroupLister, ContainerGroupReader, GroupScope } from '../ports.ts';
import type { MappedPlace, Spoke, ZoneMap } from '../zone-map.ts';
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

  const readGroup = async (id: ContainerGroupId, spoke: Spoke): Promise<void> => {
    const live = await ports.containerGroups.read(id, deadline).catch(() => undefined);
    const isGone = live?.kind === 'unaddressed' && live.reason === 'gone';
    if (!isGone) groups.push(inventoryGroup(id, live, spoke));
  };
  const listScope = async (scope: GroupScope): Promise<void> => {
    const unsure: (readonly [ContainerGroupId, Spoke])[] = [];
    for await (const page of ports.groupLister.list(scope, deadline)) {
      for (const { id, live } of page) {
        if (zones.hasBadEntry(id)) continue;
        const spoke = zones.spokeOf(id);
        if (spoke === undefined) unmapped.push(id.key);
        else if (isUnsure(live)) unsure.push([id, spoke]);
        else groups.push(inventoryGroup(id, live, spoke));
      }
    }
    listed.add(scopeKey(scope));
    await Promise.all(unsure.map(([id, spoke]) => reads(readGroup, id, spoke)));
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
  isRefusedWith(error, 'subscriptionnotfound');

/** The subscription lacks the provider. */
export const isUnregistered = (error: unknown): boolean =>
  isRefusedWith(error, 'missingsubscriptionregistration');

const isRefusedWith = (error: unknown, code: string): boolean =>
  error instanceof RefusedCallError && error.code?.toLowerCase() === code;

/** Why a scope is unread. A subscription that no setting names may not be meant, where a permission is missing. */
export function reasonOf(
  error: unknown,
  subscriptionId: string,
  incidental: AuditScope['incidental'],
): string {
  const reason = describeError(error);
  if (!(error instanceof MissingPermissionError) || !incidental.has(subscriptionId.toLowerCase()))
    return reason;
  return `${reason}; or list the subscriptions to search in AUDIT_SUBSCRIPTIONS, and leave ${subscriptionId} out`;
}

/** Listings carry no instance view, and what they leave out is not gone. */
const isUnsure = (live: LiveGroup): boolean =>
  live.kind === 'notReady' ||
  live.kind === 'unknown' ||
  (live.kind === 'unaddressed' && live.reason === 'noNetwork');

function inventoryGroup(id: ContainerGroupId, live: LiveGroup | undefined, spoke: Spoke): InventoryGroup {
  const tags = live?.kind === 'addressed' || live?.kind === 'unaddressed' ? live.tags : undefined;
  const hostName = hostNameOf(spoke, id, tags);
  const isNameFromTag = hostNameFromTag(spoke, tags) !== undefined;
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
