/** Who asked not to be asked, and until when. */
interface CoolDowns {
  /** 0 when it may be asked. */
  remainingMs(key: string): number;
  start(key: string, ms: number): void;
}

/** A header that says nonsense must not blind us for long. */
const longestMs = 60 * 60_000;

export function coolDowns(now: () => Date): CoolDowns {
  const until = new Map<string, number>();
  return {
    remainingMs: (key) => Math.max(0, (until.get(key) ?? 0) - now().getTime()),
    start: (key, ms) => void until.set(key, now().getTime() + Math.min(ms, longestMs)),
  };
}
