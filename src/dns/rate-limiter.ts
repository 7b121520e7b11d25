/** Gives out turns, so that what a quota refused arrives as the quota allows instead of colliding again. */
export interface RateLimiter {
  /**
   * Takes the next turn of a scope that refuses work until `retryAfterMs` from now.
   * @returns ms until that turn: the wait that is asked for, and the time that the backlog ahead needs.
   */
  reserve(scope: string, retryAfterMs: number): number;
}

/**
 * A zone takes 60 creations, 60 updates and 60 deletions a minute, and a pass makes at most one or two of each.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-dns-limits
 */
const turnMs = 1_000;

/**
 * Knows the backlog of this process. Where several processes collide, the quota's own answer puts the losers off
 * once more.
 *
 * @param nowMs a clock in milliseconds that never goes back.
 */
export function createRateLimiter(nowMs: () => number): RateLimiter {
  const nextTurns = new Map<string, number>();
  return {
    reserve(scope, retryAfterMs) {
      const now = nowMs();
      for (const [known, next] of nextTurns) if (next <= now) nextTurns.delete(known);
      const turn = Math.max(now + retryAfterMs, nextTurns.get(scope) ?? 0);
      nextTurns.set(scope, turn + turnMs);
      return turn - now;
    },
  };
}
