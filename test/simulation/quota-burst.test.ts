import { describe, expect, it } from 'vitest';
import { floorSeconds, measure, measureForward } from '../../bench/quota-burst.ts';

/** On a simulated clock with a fixed seed, so nothing here depends on the speed of the machine. */
describe.each(['fixed', 'tokenBucket'] as const)(
  '600 groups that move at once, under a %s quota',
  (window) => {
    it('have their records right within 1.25 times what the quota alone dictates, and hold up nobody else', async () => {
      const { seconds, calmSeconds, world } = await measure('move', window);
      expect(seconds).toBeLessThanOrEqual(1.25 * floorSeconds);
      expect(calmSeconds).toBeLessThanOrEqual(2);
      // What the quota refuses goes to the queue: Event Grid has nothing to repeat, and so nothing to give up.
      expect(world.tally().failures).toBe(0);
    });

    it('have their A record sets right within 1.1 times that, while the reverse zone refuses every call', async () => {
      expect(await measureForward(window)).toBeLessThanOrEqual(1.1 * floorSeconds);
    });
  },
);
