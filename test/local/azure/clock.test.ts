import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';

describe('a manual clock', () => {
  it('wakes sleepers in order of time, and those of one moment in order of falling asleep', async () => {
    const clock = new ManualClock(0);
    const woken: string[] = [];
    for (const [name, ms] of [
      ['late', 30],
      ['first', 5],
      ['second', 5],
      ['fraction', 4.5],
    ] as const) {
      void clock.sleep(ms).then(() => woken.push(name));
    }
    await clock.advance(29);
    expect(woken).toEqual(['fraction', 'first', 'second']);
    await clock.advance(1);
    expect(woken.at(-1)).toBe('late');
  });

  it('lets a chain of sleeps run within one advance, each at its own time', async () => {
    const clock = new ManualClock(0);
    const times: number[] = [];
    const chain = (async () => {
      for (const ms of [10, 20, 30]) {
        await clock.sleep(ms);
        times.push(clock.now());
      }
    })();
    await clock.advance(100);
    await chain;
    expect(times).toEqual([10, 30, 60]);
    expect(clock.now()).toBe(100);
  });

  it('forgets a sleeper whose signal aborts', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleep = clock.sleep(10, controller.signal);
    controller.abort(new Error('closed'));
    await expect(sleep).rejects.toThrow('closed');
    expect(clock.sleeping).toBe(0);
  });
});
