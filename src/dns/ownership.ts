import { isIPv4 } from 'node:net';
import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import type { Metadata, ObservedRecordSet } from './record-set.ts';

/** Record set metadata: who wrote it, what an A set pointed at before, and when it was written. */
const ownerKey = 'evenkeelOwner';
const previousKey = 'evenkeelPrevious';
const stampKey = 'evenkeelStamp';

/** As long as Event Grid may repeat an event, so every event that could revive an address finds it. */
const memoryMs = 24 * 60 * 60 * 1000;
const maxRemembered = 8;

/** An address that an A record set pointed at, and when it stopped doing so. */
interface PreviousAddress {
  readonly address: string;
  readonly leftAt: Date;
}

/**
 * Whose a record set is, as its metadata says.
 *
 * | metadata `evenkeelOwner`   | auto-registered | whose            |
 * |----------------------------|-----------------|------------------|
 * | anything                   | yes             | the platform's   |
 * | absent, or no group's id   | no              | foreign          |
 * | this container group's id  | no              | ours             |
 * | another group's id         | no              | another group's  |
 */
type Ownership =
  | { readonly kind: 'platform' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'ours' }
  | { readonly kind: 'other'; readonly owner: ContainerGroupId };

export function ownershipOf(set: ObservedRecordSet, groupKey: string): Ownership {
  if (set.isAutoRegistered) return { kind: 'platform' };
  const owner = parseContainerGroupId(ownerKeyOf(set.metadata) ?? '');
  if (owner === undefined) return { kind: 'foreign' };
  return owner.key === groupKey ? { kind: 'ours' } : { kind: 'other', owner };
}

/** The ARM id that a record set's mark holds, in lower case; not checked to be a container group's. */
export const ownerKeyOf = (metadata: Metadata): string | undefined =>
  metadataValue(metadata, ownerKey)?.toLowerCase();

/** The addresses that an A record set remembers and that are still worth a look, oldest first. */
export function previousAddresses(metadata: Metadata, now: Date): PreviousAddress[] {
  return (metadataValue(metadata, previousKey) ?? '').split(',').flatMap((entry) => {
    const at = entry.indexOf('@');
    const address = entry.slice(0, at).trim();
    const leftAt = new Date(entry.slice(at + 1));
    const isReadable = at > 0 && isIPv4(address) && !Number.isNaN(leftAt.getTime());
    return isReadable && now.getTime() - leftAt.getTime() <= memoryMs ? [{ address, leftAt }] : [];
  });
}

/** When an A record set was last written by evenkeel; `undefined` when nothing readable says so. */
export function stampOf(metadata: Metadata): Date | undefined {
  const stamp = new Date(metadataValue(metadata, stampKey) ?? Number.NaN);
  return Number.isNaN(stamp.getTime()) ? undefined : stamp;
}

/**
 * The memory that goes with a new write of an A record set.
 *
 * | address                         | remembered as            |
 * |---------------------------------|--------------------------|
 * | the one that A will point at    | not at all               |
 * | left by this write              | now                      |
 * | only remembered already         | with the time it had     |
 * | more than 24 hours ago          | dropped                  |
 * | more than 8 in all              | the oldest dropped       |
 */
export function remember(
  known: readonly PreviousAddress[],
  leaving: Iterable<string>,
  pointsAt: string,
  now: Date,
): PreviousAddress[] {
  const byAddress = new Map<string, PreviousAddress>();
  for (const entry of known) {
    const twin = byAddress.get(entry.address);
    if (twin === undefined || twin.leftAt < entry.leftAt) byAddress.set(entry.address, entry);
  }
  for (const address of leaving) {
    byAddress.set(address, { address, leftAt: now });
  }
  byAddress.delete(pointsAt);
  return [...byAddress.values()]
    .toSorted((a, b) => a.leftAt.getTime() - b.leftAt.getTime() || (a.address < b.address ? -1 : 1))
    .slice(-maxRemembered);
}

/** Metadata of an A record set that is ours; entries of others are kept. */
export function markA(
  metadata: Metadata,
  groupKey: string,
  previous: readonly PreviousAddress[],
  now: Date,
): Metadata {
  const kept = unmarked(metadata);
  const entries = previous.map(({ address, leftAt }) => `${address}@${leftAt.toISOString()}`);
  return {
    ...kept,
    [ownerKey]: groupKey,
    ...(entries.length === 0 ? {} : { [previousKey]: entries.join(',') }),
    [stampKey]: now.toISOString(),
  };
}

/** Metadata of a PTR record set that is ours; entries of others are kept. */
export const markPtr = (metadata: Metadata, groupKey: string): Metadata => ({
  ...unmarked(metadata),
  [ownerKey]: groupKey,
});

/** Metadata without anything of evenkeel's. */
export function unmarked(metadata: Metadata): Metadata {
  const ours = new Set([ownerKey, previousKey, stampKey].map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !ours.has(key.toLowerCase())));
}

/** Azure keeps the casing of metadata keys but does not tell keys apart by it. */
function metadataValue(metadata: Metadata, key: string): string | undefined {
  const exact = metadata[key];
  if (exact !== undefined) return exact;
  const wanted = key.toLowerCase();
  return Object.entries(metadata).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
