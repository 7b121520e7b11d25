/** Spaces what a quota refused, so that it arrives as the quota allows instead of colliding again. */
export interface RateLimiter {
  /**
   * Reserves the next slot of a scope that refuses work until `retryAfterMs` from now.
   * @returns ms until that slot: the wait that is asked for, and the time that the backlog ahead needs.
   */
  reserve(scope: string, retryAfterMs: number): number;
}

/**
 * A zone takes 60 creations, 60 updates and 60 deletions a minute, and a reconcile makes at most one or two of each.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-dns-limits
 */
const slotMs = 1_000;

/**
 * Knows the backlog of this process only. Where several processes collide, the quota's own answer delays the losers
 * once more.
 *
 * @param nowMs a clock in milliseconds that never goes back.
 */
export function createRateLimiter(nowMs: () => number): RateLimiter {
  const nextSlots = new Map<string, number>();
  return {
    reserve(scope, retryAfterMs) {
      const now = nowMs();
      for (const [known, next] of nextSlots) if (next <= now) nextSlots.delete(known);
      const slot = Math.max(now + retryAfterMs, nextSlots.get(scope) ?? 0);
      nextSlots.set(scope, slot + slotMs);
      return slot - now;
    },
  };
}
