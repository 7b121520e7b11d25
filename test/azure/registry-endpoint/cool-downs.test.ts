import { describe, expect, it } from 'vitest';
import { coolDowns } from '../../../src/azure/registry-endpoint/cool-downs.ts';

describe('a cool-down', () => {
  it('lasts as long as requested, an hour at most', () => {
    let nowMs = 0;
    const resting = coolDowns(() => new Date(nowMs));
    expect(resting.remainingMs('a')).toBe(0);
    resting.start('a', 7_000);
    resting.start('b', 1e12);
    nowMs = 6_999;
    expect(resting.remainingMs('a')).toBe(1);
    nowMs = 3_600_000;
    expect([resting.remainingMs('a'), resting.remainingMs('b')]).toEqual([0, 0]);
  });
});
