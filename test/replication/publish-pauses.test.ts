import { describe, expect, it } from 'vitest';
import { publishPauses } from '../../src/replication/publish-pauses.ts';
import { hourMs, minuteMs } from './fixtures.ts';

describe('the pauses of an outbox', () => {
  it('are those of one image alone, and grow up to an hour', () => {
    const pauses = publishPauses();
    const waited: number[] = [];
    let nowMs = 0;
    for (let failures = 0; failures < 12; failures += 1) {
      pauses.failed('refused', nowMs);
      expect(pauses.mayTry('other', nowMs)).toBe(true);
      pauses.succeeded('other');
      const failedMs = nowMs;
      while (!pauses.mayTry('refused', nowMs)) nowMs += 1_000;
      waited.push(nowMs - failedMs);
    }
    expect(waited.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(waited.at(-1)).toBe(hourMs);
  });

  it('begin anew with ten seconds after a success', () => {
    const pauses = publishPauses();
    for (const nowMs of [0, 10_000]) pauses.failed('mended', nowMs);
    pauses.succeeded('mended');
    expect(pauses.mayTry('mended', 10_001)).toBe(true);
    pauses.failed('mended', 20_000);
    expect(pauses.mayTry('mended', 29_999)).toBe(false);
    expect(pauses.mayTry('mended', 30_000)).toBe(true);
  });

  it('are those of all after three failures in a row, and one finds out whether the topic is back', () => {
    const pauses = publishPauses();
    for (const image of ['a', 'b', 'c']) pauses.failed(image, 0);
    expect(pauses.mayTry('d', 9_999)).toBe(false);
    expect(pauses.mayTry('d', 10_000)).toBe(true);
    // The others wait for what becomes of this one.
    expect(pauses.mayTry('e', 10_001)).toBe(false);
    pauses.failed('d', 10_002);
    expect(pauses.mayTry('e', 30_001)).toBe(false);
    expect(pauses.mayTry('e', 30_002)).toBe(true);
    pauses.succeeded('e');
    expect(pauses.mayTry('f', 30_003)).toBe(true);
  });

  it('of the topic grow up to a minute', () => {
    const pauses = publishPauses();
    let nowMs = 0;
    for (let failures = 0; failures < 20; failures += 1) pauses.failed(`image ${failures}`, nowMs);
    while (!pauses.mayTry('other', nowMs)) nowMs += 1_000;
    expect(nowMs).toBe(minuteMs);
  });

  it('end with a review, except of what failed more than once', () => {
    const pauses = publishPauses();
    for (const image of ['once', 'twice', 'twice']) pauses.failed(image, 0);
    pauses.resume();
    expect(pauses.mayTry('once', 1)).toBe(true);
    expect(pauses.mayTry('other', 1)).toBe(true);
    expect(pauses.mayTry('twice', 1)).toBe(false);
  });
});
