import { isIPv4 } from 'node:net';
import { type Metadata, metadataValue } from './record-set.ts';

/** Record set metadata: `address@time` entries, comma-separated, oldest first; times are ISO 8601 in UTC. */
export const previousKey = 'evenkeelPrevious';

/** Event Grid repeats an event for so long: every event that could revive an address finds it here. */
const keptMs = 24 * 60 * 60 * 1000;
const maxEntries = 8;

/** An address that an A record set pointed at, and when it stopped doing so. Its PTR may still name the group. */
export interface PreviousAddress {
  readonly address: string;
  readonly leftAt: Date;
}

/**
 * The addresses that an A record set pointed at before and that are still worth a read, oldest first. One that left at a
 * time that lies ahead, by another clock or by hand, is taken for left now: it would otherwise never be forgotten.
 */
export function previousAddresses(metadata: Metadata, now: Date): PreviousAddress[] {
  return (metadataValue(metadata, previousKey) ?? '').split(',').flatMap((entry) => {
    const at = entry.indexOf('@');
    const address = entry.slice(0, at).trim();
    const leftAt = new Date(Math.min(new Date(entry.slice(at + 1)).getTime(), now.getTime()));
    const isReadable = at !== -1 && isIPv4(address) && !Number.isNaN(leftAt.getTime());
    return isReadable && now.getTime() - leftAt.getTime() <= keptMs ? [{ address, leftAt }] : [];
  });
}

/**
 * The previous addresses that go with a new write of an A record set.
 *
 * | address                         | kept as                  |
 * |---------------------------------|--------------------------|
 * | the one that A will point at    | not at all               |
 * | left by this write              | now                      |
 * | only a previous one already     | with the time it had     |
 * | left more than 24 hours ago     | dropped                  |
 * | more than 8 in all              | the oldest dropped; of one age, those of this write last |
 */
export function nextPreviousAddresses(
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
  const left = new Set(leaving);
  for (const address of left) {
    byAddress.set(address, { address, leftAt: now });
  }
  byAddress.delete(pointsAt);
  return [...byAddress.values()]
    .toSorted(
      (a, b) =>
        a.leftAt.getTime() - b.leftAt.getTime() ||
        Number(left.has(a.address)) - Number(left.has(b.address)) ||
        (a.address < b.address ? -1 : 1),
    )
    .slice(-maxEntries);
}

/** The value of the metadata entry; `undefined` when there is nothing to keep. */
export const encodePreviousAddresses = (entries: readonly PreviousAddress[]): string | undefined =>
  entries.length === 0
    ? undefined
    : entries.map(({ address, leftAt }) => `${address}@${leftAt.toISOString()}`).join(',');
