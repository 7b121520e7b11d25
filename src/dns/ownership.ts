import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import { encodePreviousAddresses, type PreviousAddress, previousKey } from './previous-addresses.ts';
import { type Metadata, metadataValue, type ObservedRecordSet } from './record-set.ts';
import { stampKey } from './stamp.ts';

/** Record set metadata: the ARM id of the owner, in lower case. */
const ownerKey = 'evenkeelOwner';

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

/** The ARM id of the owner in lower case, as the metadata says; not checked to be a container group's. */
export const ownerKeyOf = (metadata: Metadata): string | undefined =>
  metadataValue(metadata, ownerKey)?.toLowerCase();

/** Metadata of an A record set that is ours; entries of others are kept. */
export function ownedAMetadata(
  metadata: Metadata,
  groupKey: string,
  previous: readonly PreviousAddress[],
  now: Date,
): Metadata {
  const entries = encodePreviousAddresses(previous);
  return {
    ...withoutOwnership(metadata),
    [ownerKey]: groupKey,
    ...(entries === undefined ? {} : { [previousKey]: entries }),
    [stampKey]: now.toISOString(),
  };
}

/** Metadata of a PTR record set that is ours; entries of others are kept. */
export const ownedPtrMetadata = (metadata: Metadata, groupKey: string): Metadata => ({
  ...withoutOwnership(metadata),
  [ownerKey]: groupKey,
});

/** Metadata without anything of evenkeel's. */
export function withoutOwnership(metadata: Metadata): Metadata {
  const ours = new Set([ownerKey, previousKey, stampKey].map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !ours.has(key.toLowerCase())));
}
