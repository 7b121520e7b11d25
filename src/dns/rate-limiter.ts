/** Spaces what a quota refused, so that it arrives as the quota allows instead of colliding again. */
export interface RateLimiter {
  /**
   * Reserves a slot of a scope that refuses work until `retryAfterMs` from now.
   * @returns ms until that slot: the wait that is asked for, and the time that the backlog at that time needs.
   */
  reserve(scope: string, retryAfterMs: number): number;
}

/**
 * A zone takes 60 creations, 60 updates and 60 deletions a minute, and a reconcile makes at most one or two of each. A
 * slot is a little shorter than the quota's pace: what comes too early waits once more, and the last of a burst does not
 * miss a whole window of the quota.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-dns-limits
 */
const slotMs = 950;

/**
 * Gives the first slot that is free once the wait is over. So the backlog is spaced at the quota's pace, and a long wait
 * of one record set delays no other one that may come earlier.
 *
 * | reserved   | asked for     | slot  |
 * |------------|---------------|-------|
 * | none       | 30 s          | 30 s  |
 * | 30 s       | 30 s          | 30.95 s |
 * | 30 s, 30.95 s | 2 s        | 2 s   |
 * | 2 s        | 2 s           | 2.95 s |
 *
 * Knows the backlog of this process only. Where several processes collide, the quota's own answer delays the losers
 * once more.
 *
 * @param nowMs a clock in milliseconds that never goes back.
 */
export function createRateLimiter(nowMs: () => number): RateLimiter {
  const slotsOf = new Map<string, readonly number[]>();
  return {
    reserve(scope, retryAfterMs) {
      const now = nowMs();
      for (const [known, slots] of slotsOf) if ((slots.at(-1) ?? 0) <= now) slotsOf.delete(known);
      const reserved = (slotsOf.get(scope) ?? []).filter((slot) => slot > now);
      let slot = now + retryAfterMs;
      // In order, so that each slot that is too close moves this one behind it.
      for (const other of reserved) if (Math.abs(other - slot) < slotMs) slot = other + slotMs;
      slotsOf.set(
        scope,
        [...reserved, slot].toSorted((a, b) => a - b),
      );
      return slot - now;
    },
  };
}
