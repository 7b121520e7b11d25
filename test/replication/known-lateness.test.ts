import { beforeEach, describe, expect, it } from 'vitest';
import { type KnownLateness, knownLateness } from '../../src/replication/known-lateness.ts';
import { at, d1, d2, d3, idOf, loginServer, minuteMs } from './fixtures.ts';

let nowMs = at(0);
let known: KnownLateness;
beforeEach(() => {
  nowMs = at(0);
  known = knownLateness(() => new Date(nowMs));
});
const late = (...regions: readonly string[]) => ({ late: regions, uncounted: [] });
const uncounted = (...regions: readonly string[]) => ({ late: [], uncounted: regions });
const counts = (isComplete: boolean) => {
  const found = known.end(isComplete);
  return found && [found.late, found.uncounted].map((of) => Object.fromEntries(of.get(loginServer) ?? []));
};

describe('the lateness of images after a review', () => {
  it('counts them by region', () => {
    known.note(idOf(d1), late('eastus', 'westus'));
    known.note(idOf(d2), late('westus'));
    known.note(idOf(d3), uncounted('eastus'));
    expect(counts(true)).toEqual([{ eastus: 1, westus: 2 }, { eastus: 1 }]);
  });

  it('is unknown before the first that came to all of them', () => {
    known.note(idOf(d1), late('eastus'));
    expect(counts(false)).toBeUndefined();
  });

  it.each([
    ['is late no more', late()],
    ['has left the index', undefined],
  ])('leaves out an image that %s', (_, lateness) => {
    known.note(idOf(d1), late('eastus'));
    known.note(idOf(d2), late('eastus'));
    counts(true);
    known.note(idOf(d1), lateness);
    expect(counts(false)).toEqual([{ eastus: 1 }, {}]);
  });

  it('leaves out an image that a later review did not meet, when it came to all of them', () => {
    known.note(idOf(d1), late('eastus'));
    known.note(idOf(d2), uncounted('westus'));
    expect(counts(true)).toEqual([{ eastus: 1 }, { westus: 1 }]);
    known.note(idOf(d2), uncounted('westus'));
    expect(counts(false)).toEqual([{ eastus: 1 }, { westus: 1 }]);
    known.note(idOf(d2), uncounted('westus'));
    expect(counts(true)).toEqual([{}, { westus: 1 }]);
  });

  it('keeps what a review found for half an hour, while none comes to that image', () => {
    known.note(idOf(d1), late('eastus'));
    counts(true);
    nowMs += minuteMs;
    known.note(idOf(d2), late('westus'));
    nowMs = at(0) + 30 * minuteMs;
    expect(counts(false)).toEqual([{ eastus: 1, westus: 1 }, {}]);
  });

  it('forgets after that what the image was, and with it what all were', () => {
    known.note(idOf(d1), late('eastus'));
    nowMs += minuteMs;
    known.note(idOf(d2), late('westus'));
    counts(true);
    nowMs = at(0) + 30 * minuteMs + 1;
    expect(counts(false)).toEqual([{ westus: 1 }, {}]);
    nowMs += minuteMs;
    expect(counts(false)).toBeUndefined();
  });
});
