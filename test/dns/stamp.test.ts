import { describe, expect, it } from 'vitest';
import { isStampFresh, mayBeInFlight, stampOf } from '../../src/dns/stamp.ts';
import { ago, now } from './fixtures.ts';

const written = (ageMs: number) => ({ evenkeelStamp: ago(ageMs).toISOString() });

describe('the stamp of an A record set', () => {
  it.each<[what: string, ageMs: number, isFresh: boolean]>([
    ['is fresh for a minute', 60_000, true],
    ['and no longer', 60_001, false],
    ['is fresh by a clock that is 35 s ahead', -35_000, true],
    ['and by none that is further ahead', -35_001, false],
  ])('%s', (_, ageMs, isFresh) => {
    expect(isStampFresh(written(ageMs), now)).toBe(isFresh);
  });

  it.each<[what: string, ageMs: number, isInFlight: boolean]>([
    ['may be of an invocation that goes on, for two minutes', 119_999, true],
    ['and no longer', 120_000, false],
  ])('%s', (_, ageMs, isInFlight) => {
    expect(mayBeInFlight(written(ageMs), now)).toBe(isInFlight);
  });

  it.each([{}, { evenkeelStamp: 'yesterday' }])(
    'that cannot be read of %j is not fresh, and may be young',
    (metadata) => {
      expect(stampOf(metadata)).toBeUndefined();
      expect([isStampFresh(metadata, now), mayBeInFlight(metadata, now)]).toEqual([false, true]);
    },
  );
});
