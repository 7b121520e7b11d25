/** What is throttled, and until when. */
interface CoolDowns {
  /** The time that is left, in ms; 0 when a call may be made. */
  remainingMs(key: string): number;
  start(key: string, ms: number): void;
}

/** An absurd `Retry-After` must not hide an endpoint for long. */
const longestMs = 60 * 60_000;

export function coolDowns(now: () => Date): CoolDowns {
  const until = new Map<string, number>();
  return {
    remainingMs: (key) => Math.max(0, (until.get(key) ?? 0) - now().getTime()),
    start: (key, ms) => void until.set(key, now().getTime() + Math.min(ms, longestMs)),
  };
}
