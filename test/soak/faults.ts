import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakWorld } from './world.ts';

/** What goes wrong now and then, one at a time. */
export interface Disruptions {
  readonly counts: ReadonlyMap<string, number>;
  /** Ends them, and resolves when everything is whole again. */
  stop(): Promise<void>;
}

const lastsMs = 4_000;

/**
 * @param pauseMs from the end of one to the next.
 * @param random in [0, 1)
 */
export function startDisruptions(world: SoakWorld, pauseMs: number, random: () => number): Disruptions {
  const { faults } = world.azure;
  const counts = new Map<string, number>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  const half = () => random() < 0.5;
  const during = async (fault: Parameters<typeof faults.add>[0]) => {
    const { remove } = faults.add(fault);
    await wait(lastsMs);
    remove();
  };
  const tables = async (mode: 'refuse' | 'hang') => {
    world.tables.mode = mode;
    await wait(lastsMs);
    world.tables.mode = 'pass';
  };
  const kinds: readonly (readonly [name: string, run: () => Promise<void>])[] = [
    ['throttling', () => during({ match: half, kind: 'status', status: 429, retryAfterSeconds: 2 })],
    ['server errors', () => during({ match: half, kind: 'status', status: 503 })],
    ['answers that hang', () => during({ match: half, kind: 'hang', times: 10 })],
    ['lost answers', () => during({ match: half, kind: 'lostAnswer', times: 20 })],
    ['storage refuses', () => tables('refuse')],
    ['storage hangs', () => tables('hang')],
    ['a host is killed', () => world.killAndRestart()],
  ];

  async function run(): Promise<void> {
    // Each kind comes before one comes again.
    let left = [...kinds];
    for (;;) {
      await wait(pauseMs);
      if (signal.aborted) return;
      if (left.length === 0) left = [...kinds];
      const [next] = left.splice(Math.floor(random() * left.length), 1);
      if (next === undefined) continue;
      const [name, disrupt] = next;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      await disrupt();
    }
  }
  const running = run();
  return {
    counts,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
