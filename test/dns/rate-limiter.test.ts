import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/dns/rate-limiter.ts';

describe('a rate limiter', () => {
  it('gives the first turn after the wait that the quota asks for, and each further one a little less than a second later', () => {
    const rateLimiter = createRateLimiter(() => 0);
    expect([1, 2, 3].map(() => rateLimiter.reserve('zone', 30_000))).toEqual([30_000, 30_950, 31_900]);
  });

  it('puts later work behind the slots that are taken at its own time', () => {
    let now = 0;
    const rateLimiter = createRateLimiter(() => now);
    rateLimiter.reserve('zone', 30_000);
    rateLimiter.reserve('zone', 30_000);
    now = 10_000;
    expect(rateLimiter.reserve('zone', 20_000)).toBe(21_900);
    expect(rateLimiter.reserve('zone', 20_400)).toBe(22_850);
  });

  it('lets what is asked to wait shortly go before what is asked to wait for long', () => {
    const rateLimiter = createRateLimiter(() => 0);
    rateLimiter.reserve('zone', 3_600_000);
    expect(rateLimiter.reserve('zone', 2_000)).toBe(2_000);
    expect(rateLimiter.reserve('zone', 2_000)).toBe(2_950);
    expect(rateLimiter.reserve('zone', 3_599_500)).toBe(3_600_950);
  });

  it('leaves alone what is asked for a whole slot before or after another', () => {
    const rateLimiter = createRateLimiter(() => 0);
    rateLimiter.reserve('zone', 30_000);
    expect(rateLimiter.reserve('zone', 30_950)).toBe(30_950);
    expect(rateLimiter.reserve('zone', 29_050)).toBe(29_050);
    expect(rateLimiter.reserve('zone', 29_100)).toBe(31_900);
  });

  it('forgets a backlog whose turns are over', () => {
    let now = 0;
    const rateLimiter = createRateLimiter(() => now);
    rateLimiter.reserve('zone', 30_000);
    now = 60_000;
    expect(rateLimiter.reserve('zone', 1_000)).toBe(1_000);
  });

  it('does not hold up one scope for another', () => {
    const rateLimiter = createRateLimiter(() => 0);
    rateLimiter.reserve('busy', 60_000);
    expect(rateLimiter.reserve('calm', 1_000)).toBe(1_000);
  });
});
