/**
 * Spreads work over the time that a quota gives, so that what was put off arrives as the quota allows instead of
 * colliding again.
 *
 * Each process paces what it sees. Where several collide, the quota's own answer puts the losers off once more.
 */
export interface Pacer {
  /** Ms to wait before work on these scopes; 0 where none of them has a backlog. Takes a turn where one has. */
  queueUp(scopes: readonly string[]): number;
  /**
   * Ms to wait after `throttled` refused a call and asked for `retryAfterMs`. Takes a turn in its backlog if it is
   * one of the scopes that the work needs.
   */
  putOff(throttled: string, retryAfterMs: number, scopes: readonly string[]): number;
}

/** 60 creations, updates and deletions a minute: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-dns-limits */
const turnMs = 1_000;

/** @param nowMs a monotonic clock or a wall clock, in milliseconds. */
export function createPacer(nowMs: () => number): Pacer {
  /** When the next turn of a scope begins; only those with a backlog are here. */
  const nextTurn = new Map<string, number>();

  const takeTurn = (scope: string, earliest: number): number => {
    const turn = Math.max(earliest, nextTurn.get(scope) ?? 0);
    nextTurn.set(scope, turn + turnMs);
    return turn;
  };
  const backlogged = (scopes: readonly string[], now: number): string[] =>
    scopes.filter((scope) => {
      const isBehind = (nextTurn.get(scope) ?? 0) > now;
      if (!isBehind) nextTurn.delete(scope);
      return isBehind;
    });
  return {
    queueUp(scopes) {
      const now = nowMs();
      return Math.max(0, ...backlogged(scopes, now).map((scope) => takeTurn(scope, now) - now));
    },
    putOff(throttled, retryAfterMs, scopes) {
      const now = nowMs();
      const others = backlogged(scopes, now).filter((scope) => scope !== throttled);
      const ready = now + retryAfterMs;
      // Resource Manager's own quotas recover many times faster than a zone's, so they have no turns.
      const turn = scopes.includes(throttled) ? takeTurn(throttled, ready) : ready;
      return Math.max(turn, ...others.map((scope) => takeTurn(scope, now))) - now;
    },
  };
}
